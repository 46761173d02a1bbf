mod authenticate;
mod direct_calls;
mod doctor;
mod session;
mod socket;
