//! The server as a client and a shell see it: what each RFC demands, and what this server adds.

mod allocate;
mod bad_input;
mod binding;
mod credentials;
mod data;
mod model;
mod permissions;
mod policy;
mod quotas;
mod refresh;
mod short_circuit;
mod world;
