//! What sockets cost: idle ones ([`idle`]), and messages that are passed between them ([`routing`]), beside servers that do nothing
//! else ([`peers`]).

pub mod idle;
pub mod peers;
pub mod routing;
