mod access;
mod administrators;
mod api_tokens;
mod applications;
mod audit;
mod dashboard;
mod oidc;
mod session;
