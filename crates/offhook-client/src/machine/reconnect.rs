//! How long to wait before the next try to open a socket.

use std::time::Duration;

/// Waits between tries. The first is spread over a second, so that the clients of a server that stopped do not all come
/// at once; later ones back off to two seconds.
#[derive(Debug, Default)]
pub(super) struct Reconnect {
    tries: u32,
}

impl Reconnect {
    /// The wait before the next try. `dice` is uniform over all its values.
    pub(super) fn next_wait(&mut self, dice: u64) -> Duration {
        let (least, spread) = match self.tries {
            0 => (0, 1000),
            1 => (500, 1000),
            _ => (1000, 1000),
        };
        self.tries = self.tries.saturating_add(1);
        Duration::from_millis(least + dice % (spread + 1))
    }

    /// A socket is open: the next wait is the first again.
    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests;
