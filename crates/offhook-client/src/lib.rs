//! The Rust SDK: the verbs of `SendBirdCall` for Rust programs, and one of two independent clients of the protocol.
//!
//! [`machine`] is the whole behaviour without a socket or a clock; [`Client`] drives it on tokio.
//!
//! ```no_run
//! # async fn example() -> Result<(), offhook_client::Error> {
//! use offhook_client::{Client, DialParams, Event};
//!
//! let (client, mut events) = Client::init("my-app", "calls.example.com".parse()?)?;
//! client.authenticate("alice", Some("her access token")).await?;
//! client.connect().await?;
//! let call = client.dial(DialParams::audio("bob")).await?;
//! while let Some(event) = events.next().await {
//!     match event {
//!         Event::Ringing(incoming) => _ = incoming.end().await?,
//!         Event::Ended(ended) if ended.id() == call.id() => break,
//!         _ => {}
//!     }
//! }
//! // How it came out: completed, declined, not answered …
//! println!("{:?}", call.end_result());
//! client.deauthenticate().await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Call::media`] (feature `media`, on by default) connects a call's media: encoded frames in and out, files that are played and
//! recorded. Without it an application may bring a peer connection of its own, with [`Call::signal`] and [`Event::Peer`].
//!
//! Deliberately not here: encoders and decoders, rooms, push tokens.
//!
//! Start reading at [`Client`], or at [`machine::Machine`] for the rules.
//!
//! Invariants: every verb is answered once; an application is told of each call's steps in order, however many the
//! network hid; a device that only rings sends nothing but a request for what it lacks.

mod call;
mod client;
mod driver;
mod error;
mod host;
pub mod machine;
#[cfg(feature = "media")]
pub mod media;

pub use call::Call;
pub use client::{Client, Event, Events};
pub use error::Error;
pub use host::Host;
pub use machine::{CallLogQuery, ChangedItems, ConnectionState, DialParams, Signal};
pub use offhook_proto::call::{CallEndResult, CallLogPage, CallParty, CallRole, CallSnapshot, CallState, PartyMedia};
pub use offhook_proto::ice::IceConfiguration;
pub use offhook_proto::id::{CallId, DeviceId};
pub use offhook_proto::session::SignedInUser;
pub use offhook_proto::socket::{MediaPath, MediaState};
