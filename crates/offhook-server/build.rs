//! Sees to the folders of the web bundle, which `src/http/assets.rs` embeds.
//!
//! A folder that is missing while the crate is compiled would never be looked into again, however often the bundle is
//! built later; so it is made, empty.

use std::path::Path;

const BUNDLES: [&str; 5] = [
    "../../web/sdk/dist",
    "../../web/element/dist",
    "../../web/demo/dist",
    "../../web/doctor/dist",
    "../../web/dashboard/dist",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for bundle in BUNDLES {
        // Without the tree around it (a packaged crate) there is nothing to make, and the server says so when asked.
        if Path::new(bundle).parent().is_some_and(Path::exists) {
            drop(std::fs::create_dir_all(bundle));
        }
        // A release build carries the files themselves; a development build reads them when they are asked for.
        if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
            println!("cargo::rerun-if-changed={bundle}");
        }
    }
}
