//! Push as devices and their services see it: real sockets, TLS and HTTP/2, and what is checked is what they would check.

mod apns;
mod fcm;
mod stand;
mod subscriber;
mod web;
