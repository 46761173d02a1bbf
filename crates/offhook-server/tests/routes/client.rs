mod authenticate;
mod direct_calls;
mod session;
mod socket;
