//! Numbers of several turns, and what is said of them.

/// The same quantity, measured once a turn. Smaller is better unless a caller says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Series {
    sorted: Vec<f64>,
}

impl Series {
    /// Puts a turn's number in.
    pub fn push(&mut self, value: f64) {
        let at = self.sorted.partition_point(|other| *other < value);
        self.sorted.insert(at, value);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        let middle = self.sorted.len() / 2;
        match (self.sorted.len() % 2, self.sorted.get(middle)) {
            (1, Some(value)) => *value,
            (_, Some(upper)) => (upper + self.sorted.get(middle.wrapping_sub(1)).unwrap_or(upper)) / 2.0,
            (_, None) => f64::NAN,
        }
    }

    /// The smallest.
    pub fn least(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(f64::NAN)
    }

    /// The greatest.
    pub fn most(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Series {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut series = Self::default();
        values.into_iter().for_each(|value| series.push(value));
        series
    }
}

/// The value that `part` (0 to 1) of `values` do not exceed.
pub fn percentile(values: &mut [u32], part: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return f64::NAN;
    };
    let (_, value, _) = values.select_nth_unstable((last as f64 * part).round() as usize);
    f64::from(*value)
}

#[cfg(test)]
mod tests;
