//! Devices of many users at one server: each a socket of the client protocol, all on one thread.
//!
//! They are as cheap as they can be, since they share the machine with the server: no runtime, frames are masked with
//! zeros (which RFC 6455 §5.3 wants random for the sake of proxies), and of a message no more is read than is needed.

mod certificate;
mod device;
mod parts;
mod sign_in;
mod talk;

pub use certificate::Certificate;
pub use device::{Device, Said, uuid};
pub use sign_in::{Http, Kind, authenticate, create_bearers, create_users};
pub use talk::{dial, talk, talk_all};
