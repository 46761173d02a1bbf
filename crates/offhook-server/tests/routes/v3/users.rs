mod delete;
mod get;
mod list;
mod metadata;
mod post;
mod put;
mod token;

pub use put::closed;
