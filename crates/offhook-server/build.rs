//! Packs the web bundles, which `src/http/bundle.rs` has in it: a release build carries them compressed, as they are sent. A
//! development build reads the files themselves when they are asked for.
//!
//! A folder that is missing while the crate is compiled would never be looked into again, however often the bundle is
//! built later; so it is made, empty.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

const BUNDLES: [&str; 6] = ["sdk", "element", "demo", "doctor", "dashboard", "api-docs"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    // A list of bundles, each with its files: their paths, and what is in them, packed.
    let mut listed = String::from("&[\n");
    for bundle in BUNDLES {
        let folder = Path::new("../../web").join(bundle);
        let files = folder.join("dist");
        // Without the tree around it (a packaged crate) there is nothing to make, and the server says so when asked.
        if folder.exists() {
            fs::create_dir_all(&files)?;
        }
        if is_release && files.exists() {
            println!("cargo::rerun-if-changed={}", files.display());
            _ = writeln!(listed, "({bundle:?}, &[");
            pack(&files, &files, &out.join("web").join(bundle), &mut listed)?;
            listed.push_str("]),\n");
        }
    }
    listed.push(']');
    fs::write(out.join("bundles.rs"), listed)
}

fn pack(base: &Path, from: &Path, to: &Path, listed: &mut String) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut entries = fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
    // In the same order wherever it is built.
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            pack(base, &path, &target, listed)?;
        } else {
            let mut encoder = GzEncoder::new(File::create(&target)?, Compression::best());
            io::copy(&mut File::open(&path)?, &mut encoder)?;
            encoder.finish()?;
            let name = path.strip_prefix(base).map_err(io::Error::other)?;
            _ = writeln!(listed, "({name:?}, include_bytes!({target:?})),");
        }
    }
    Ok(())
}
