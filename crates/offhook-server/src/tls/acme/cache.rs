//! Where account and certificate are kept between starts: a folder that only its owner can read.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_lc_rs::digest;
use rustls_acme::{AccountCache, CertCache};

use crate::tls::certificate;

/// The folder `acme` in the data folder.
pub struct Cache(PathBuf);

impl Cache {
    pub fn new(data_dir: &Path) -> Self {
        Self(data_dir.join("acme"))
    }

    /// Another authority, other domains or another contact have files of their own.
    fn path(&self, kind: &str, belongs_to: &[String], directory: &str) -> PathBuf {
        let mut hash = digest::Context::new(&digest::SHA256);
        for part in belongs_to.iter().map(String::as_str).chain([directory]) {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        let name: String = hash
            .finish()
            .as_ref()
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.0.join(format!("{kind}-{name}"))
    }
}

#[async_trait]
impl CertCache for Cache {
    type EC = io::Error;

    async fn load_cert(&self, domains: &[String], directory_url: &str) -> io::Result<Option<Vec<u8>>> {
        let text = read(self.path("certificate", domains, directory_url)).await?;
        if let Some(expires_at) = text.as_deref().and_then(certificate::expiry_of_pem) {
            certificate::tell_expiry(expires_at);
        }
        Ok(text)
    }

    async fn store_cert(&self, domains: &[String], directory_url: &str, text: &[u8]) -> io::Result<()> {
        if let Some(expires_at) = certificate::expiry_of_pem(text) {
            certificate::tell_expiry(expires_at);
        }
        write(self.path("certificate", domains, directory_url), text.to_owned()).await
    }
}

#[async_trait]
impl AccountCache for Cache {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], directory_url: &str) -> io::Result<Option<Vec<u8>>> {
        read(self.path("account", contact, directory_url)).await
    }

    async fn store_account(&self, contact: &[String], directory_url: &str, account: &[u8]) -> io::Result<()> {
        write(self.path("account", contact, directory_url), account.to_owned()).await
    }
}

async fn read(path: PathBuf) -> io::Result<Option<Vec<u8>>> {
    on_a_thread(move || match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    })
    .await
}

/// Writes a file whole or not at all.
async fn write(path: PathBuf, content: Vec<u8>) -> io::Result<()> {
    on_a_thread(move || {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let beside = path.with_extension("part");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(&content)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    })
    .await
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
