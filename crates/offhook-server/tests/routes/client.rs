mod authenticate;
mod direct_calls;
mod session;
