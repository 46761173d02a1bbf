//! Which sockets have something to do, in the order in which they get their turn.

use std::collections::VecDeque;

use mio::Token;

/// What an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The rest of the program.
    Commands,
    /// A UDP listener, by its place in the list.
    Listener(u32),
    /// A TCP listener, by its place in the list.
    Acceptor(u32),
    /// A relay socket, by the number of its `RelayId`.
    Relay(u32),
    /// A client's connection, by its place.
    Connection(u32),
}

impl Source {
    /// Its token: the kind in the upper half, the number in the lower.
    pub fn token(self) -> Token {
        let (kind, number) = match self {
            Self::Commands => (0, 0),
            Self::Listener(number) => (1, number),
            Self::Acceptor(number) => (2, number),
            Self::Relay(number) => (3, number),
            Self::Connection(number) => (4, number),
        };
        Token(kind << 32 | number as usize)
    }

    /// Reads a token.
    pub fn of(token: Token) -> Self {
        let number = token.0 as u32;
        match token.0 >> 32 {
            1 => Self::Listener(number),
            2 => Self::Acceptor(number),
            3 => Self::Relay(number),
            4 => Self::Connection(number),
            _ => Self::Commands,
        }
    }
}

/// Sockets that wait for their turn, each at most once: whoever puts one here marks it with its [`IsWaiting`].
#[derive(Debug, Default)]
pub struct Ready(VecDeque<Source>);

/// Whether a socket waits for its turn already.
#[derive(Debug, Default)]
pub struct IsWaiting(bool);

impl Ready {
    /// Puts a socket behind those that wait, unless it waits already.
    pub fn push(&mut self, source: Source, is_waiting: &mut IsWaiting) {
        if !is_waiting.0 {
            is_waiting.0 = true;
            self.0.push_back(source);
        }
    }

    /// Takes the socket whose turn it is; it is to be marked as [`taken`](IsWaiting::taken).
    pub fn pop(&mut self) -> Option<Source> {
        self.0.pop_front()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IsWaiting {
    /// Marks a socket that has its turn.
    pub fn taken(&mut self) {
        self.0 = false;
    }
}
