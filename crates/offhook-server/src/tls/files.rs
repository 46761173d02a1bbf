//! A certificate in files that somebody else keeps fresh: looked at every few seconds, and on SIGHUP.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::{Certificate, CertificateError, Pem};
use super::{Current, TlsError};
use crate::node::stopped;

/// Two files of a few kilobytes, read so often, are nothing; sooner than anybody looks whether it worked.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The files, and what was found in them.
#[derive(Debug)]
pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
    served: Pem,
    refused: Refused,
    hangup: Signal,
}

/// What cannot be served with.
#[derive(Debug, PartialEq)]
enum Refused {
    Nothing,
    /// Found once: perhaps one of two files is written already, and the other is not.
    Once(Found),
    /// Found again: the operator has been told.
    Told(Found),
}

/// The content of both files; nothing where they could not be read.
type Found = Option<Pem>;

impl Files {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// If they do not make a certificate.
    pub fn open(certificate: &Path, key: &Path) -> Result<(Self, Arc<Current>), TlsError> {
        let served = Pem::read(certificate, key)?;
        let current = Arc::new(Current::new(&served.parse(certificate, key)?));
        let files = Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: Arc::clone(&current),
            served,
            refused: Refused::Nothing,
            hangup: signal(SignalKind::hangup()).map_err(TlsError::Signal)?,
        };
        Ok((files, current))
    }

    /// Looks again and again, until the program stops.
    pub async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_asked = tokio::select! {
                () = stopped(&mut stopping) => return,
                _ = self.hangup.recv() => true,
                _ = looks.tick() => false,
            };
            self = match look(self, is_asked).await {
                Some(files) => files,
                None => return,
            };
        }
    }

    /// Serves with what the files hold, if it is new and good. A bad pair is told of once, `is_asked` or not; on a look
    /// that nobody asked for, only if it is still bad the next time.
    fn look(&mut self, is_asked: bool) {
        let read = Pem::read(&self.certificate, &self.key);
        let error = match read {
            Ok(pem) if pem == self.served => {
                self.refused = Refused::Nothing;
                return;
            }
            Ok(pem) => match pem.parse(&self.certificate, &self.key) {
                Ok(certificate) => return self.replace(pem, &certificate),
                Err(error) => (Some(pem), error),
            },
            Err(error) => (None, error),
        };
        self.refuse(error, is_asked);
    }

    fn replace(&mut self, pem: Pem, certificate: &Certificate) {
        self.current.replace(certificate);
        self.served = pem;
        self.refused = Refused::Nothing;
        tracing::info!("the certificate was replaced");
    }

    fn refuse(&mut self, (found, error): (Found, CertificateError), is_asked: bool) {
        let is_told = matches!(&self.refused, Refused::Told(told) if *told == found);
        let is_known = is_told || matches!(&self.refused, Refused::Once(once) if *once == found);
        if is_told && !is_asked {
            return;
        }
        if !is_known && !is_asked {
            self.refused = Refused::Once(found);
            return;
        }
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the new certificate cannot be used, the old one is served on"
        );
        self.refused = Refused::Told(found);
    }
}

/// Looks on a thread where a slow disk holds up nobody. Nothing if that thread is gone, with the program.
async fn look(mut files: Files, is_asked: bool) -> Option<Files> {
    let looked = tokio::task::spawn_blocking(move || {
        files.look(is_asked);
        files
    });
    looked.await.ok()
}

#[cfg(test)]
mod tests;
