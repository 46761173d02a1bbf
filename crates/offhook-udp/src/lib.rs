//! UDP in batches on Linux: many datagrams a system call, forwarded from the buffer they arrived in.
//!
//! A relay's cost is the kernel's: most of what a forwarded datagram costs is the trip through the network stack. What a
//! program can save is the system call around each datagram (`recvmmsg`, `sendmmsg`) and, where several datagrams go
//! the same way, the trip itself (UDP segmentation offload: one trip for up to 64 datagrams).
//!
//! ```text
//!   Socket ──▶ RecvBatch::receive ──▶ RecvBatch::datagram (&mut [u8], worked on in place)
//!                                             │ SendBatch::push(slot, range, to whom, by which socket)
//!   Sockets ◀── SendBatch::flush ◀────────────┘   groups by socket and destination; nothing is copied or allocated
//!                                         RecvBatch::clear
//! ```
//!
//! What this deliberately does not do: wait for readiness (register [`Socket::as_raw_fd`](std::os::fd::AsRawFd) with
//! an event loop), keep datagrams that the kernel refuses, receive merged datagrams (UDP GRO: the parts lie back to back
//! in one buffer, where no header fits between them), or run anywhere but on Linux.
//!
//! Start reading at [`RecvBatch`], then [`SendBatch`].
//!
//! Invariants: this is the only crate of the workspace with `unsafe`, and each block of it says why it is sound. The
//! kernel is only ever given addresses inside arrays that live as long as the call. Neither the contents of datagrams
//! nor wrong slots or ranges can cause a panic or reach outside a slot.

#[cfg(not(target_os = "linux"))]
compile_error!("offhook-udp speaks Linux's system calls");

mod receive;
mod send;
mod socket;
mod wire;

pub use receive::{Datagram, Layout, Received, RecvBatch};
pub use send::{Outgoing, SendBatch, Sent};
pub use socket::{Buffers, Socket};

#[cfg(test)]
mod tests;
