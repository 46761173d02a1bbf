mod delete;
mod get;
mod list;
mod metadata;
mod picture;
mod post;
mod put;
mod token;

pub use put::closed;
