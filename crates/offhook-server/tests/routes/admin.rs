mod access;
mod administrators;
mod audit;
mod dashboard;
mod oidc;
mod session;
