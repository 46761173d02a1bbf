//! Random numbers from the seed that the machine was given.

use crate::digest::{hex, hmac_sha1};

/// Two generators: one that nobody can predict, for ports and tokens, and a fast one for what is no secret.
#[derive(Debug)]
pub struct Random {
    key: String,
    count: u64,
    fast: u64,
}

impl Random {
    /// Makes generators from a seed.
    pub fn new(seed: &str) -> Self {
        let mut random = Self {
            key: derive(seed, "random"),
            count: 0,
            fast: 0,
        };
        random.fast = random.unpredictable();
        random
    }

    /// A number that cannot be foretold from earlier ones.
    pub fn unpredictable(&mut self) -> u64 {
        self.count = self.count.wrapping_add(1);
        let [a, b, c, d, e, f, g, h, ..] = hmac_sha1(&self.key, &[&self.count.to_be_bytes()]);
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// A transaction id for an indication, which nobody answers: it must differ, but need not be secret.
    pub fn transaction(&mut self) -> [u8; 12] {
        let [a, b, c, d, e, f, g, h] = self.next_fast().to_be_bytes();
        let [i, j, k, l, ..] = self.next_fast().to_be_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// The next number of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    const fn next_fast(&mut self) -> u64 {
        self.fast = self.fast.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.fast;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Derives a key for one purpose from the seed.
pub fn derive(seed: &str, purpose: &str) -> String {
    hex(&hmac_sha1(seed, &[purpose.as_bytes()]))
}
