//! The web bundles, which travel inside the binary: compressed, and sent as they are to whoever takes that, which all browsers do.
//! A development build has the files as they are, and reads them from the source tree.

use std::io::Read as _;
use std::path::{Component, Path};
use std::sync::{LazyLock, OnceLock};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use mime_guess::Mime;

const GZIP: &str = "gzip";

type Files = &'static [(&'static str, &'static [u8])];

/// What `build.rs` has packed, by bundle; nothing in a development build.
const EMBEDDED: &[(&str, Files)] = include!(concat!(env!("OUT_DIR"), "/bundles.rs"));

/// The same: bundle, path and file.
static PACKED: LazyLock<Vec<(&str, &str, Packed)>> = LazyLock::new(|| {
    let files = |(bundle, files): &(&'static str, Files)| {
        let bundle = *bundle;
        files.iter().map(move |(path, data)| (bundle, *path, Packed::new(data)))
    };
    EMBEDDED.iter().flat_map(files).collect()
});

/// A file that is compressed. What is in it is kept once somebody has asked for it so: unpacking costs milliseconds.
#[derive(Debug)]
struct Packed {
    data: &'static [u8],
    unpacked: OnceLock<Bytes>,
}

/// A folder of `web/`, as it is built.
#[derive(Debug, Clone, Copy)]
pub enum Bundle {
    /// The SDK.
    Sdk,
    /// The element.
    Element,
    /// The demo page.
    Demo,
    /// The page that looks at the network from a browser.
    Doctor,
    /// The operators' pages.
    Dashboard,
    /// The reference and the guide.
    Docs,
}

/// A file of a bundle.
#[derive(Debug)]
pub struct File {
    data: Data,
    kind: Mime,
}

#[derive(Debug)]
enum Data {
    Packed(&'static Packed),
    Plain(Vec<u8>),
}

impl Bundle {
    const fn name(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Element => "element",
            Self::Demo => "demo",
            Self::Doctor => "doctor",
            Self::Dashboard => "dashboard",
            Self::Docs => "api-docs",
        }
    }

    /// Finds a file by its path.
    pub fn get(self, path: &str) -> Option<File> {
        let data = if EMBEDDED.is_empty() {
            Data::Plain(self.read(path)?)
        } else {
            let mut files = PACKED.iter();
            let (_, _, packed) = files.find(|(bundle, name, _)| *bundle == self.name() && *name == path)?;
            Data::Packed(packed)
        };
        Some(File {
            data,
            kind: mime_guess::from_path(path).first_or_octet_stream(),
        })
    }

    fn read(self, path: &str) -> Option<Vec<u8>> {
        let is_inside = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../web")
            .join(self.name())
            .join("dist");
        is_inside.then(|| std::fs::read(folder.join(path)).ok()).flatten()
    }
}

impl File {
    /// What it says.
    pub fn text(&self) -> String {
        let data: &[u8] = match &self.data {
            Data::Packed(packed) => packed.unpacked(),
            Data::Plain(data) => data,
        };
        String::from_utf8_lossy(data).into_owned()
    }
}

impl Packed {
    const fn new(data: &'static [u8]) -> Self {
        Self {
            data,
            unpacked: OnceLock::new(),
        }
    }

    fn unpacked(&self) -> &Bytes {
        self.unpacked.get_or_init(|| {
            let mut data = Vec::with_capacity(4 * self.data.len());
            if let Err(error) = GzDecoder::new(self.data).read_to_end(&mut data) {
                tracing::error!(error = %error, "a file of the program itself is damaged");
            }
            data.into()
        })
    }
}

/// Answers with a file of a bundle.
pub fn answer(file: Option<File>, path: &str) -> Response {
    let Some(file) = file else {
        let sentence = if Bundle::Sdk.get("offhook.js").is_none() {
            "This server was built without the web bundle: run `cargo xtask web`, then build again.\n"
        } else {
            "There is no such file.\n"
        };
        return (StatusCode::NOT_FOUND, sentence).into_response();
    };
    // Names with a hash in them never change; the others are looked at again each time.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = match file.data {
        Data::Packed(packed) => as_packed(packed),
        Data::Plain(data) => data.into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(file.kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn as_packed(packed: &'static Packed) -> Response {
    let mut response = ([(header::CONTENT_ENCODING, GZIP)], packed.data).into_response();
    response.extensions_mut().insert(packed);
    response
}

/// Unpacks what is packed, for those who do not take it so.
pub async fn unpack(request: Request, next: Next) -> Response {
    let is_taken = takes_gzip(request.headers());
    let is_head = request.method() == Method::HEAD;
    let mut response = next.run(request).await;
    let Some(packed) = response.extensions_mut().remove::<&'static Packed>() else {
        return response;
    };
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().insert(header::VARY, vary);
    // A HEAD is told of the packed form: of the other nobody knows the length without unpacking.
    if is_taken || is_head {
        return response;
    }
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(packed.unpacked().clone());
    response
}

/// Whether `Accept-Encoding` names gzip, or anything, and not with a weight of nothing (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING);
    let codings = lists
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    let mut is_any_taken = false;
    for coding in codings {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let is_taken = match parameters.trim().split_once('=') {
            Some((name, weight)) if name.eq_ignore_ascii_case("q") => {
                weight.trim().parse::<f32>().is_ok_and(|weight| weight != 0.0)
            }
            _ => true,
        };
        match name.trim() {
            name if name.eq_ignore_ascii_case(GZIP) => return is_taken,
            "*" => is_any_taken = is_taken,
            _ => {}
        }
    }
    is_any_taken
}

#[cfg(test)]
mod tests;
