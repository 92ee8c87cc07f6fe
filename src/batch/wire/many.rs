//! Of one thing several, or none: how many, then each.

use std::collections::{BTreeMap, BTreeSet};

use super::{In, Out, Wire};

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Out) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

/// As they stand: a submission is mostly these.
impl Wire for Vec<u8> {
    fn put(&self, out: &mut Out) {
        out.number(self.len() as u64);
        out.bytes.extend(self);
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        let count = from.count()?;
        from.bytes(count).map(<[u8]>::to_vec)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Out) {
        out.number(self.len() as u64);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        (0..from.count()?).map(|_| T::take(from)).collect()
    }
}

impl<T: Wire + Ord> Wire for BTreeSet<T> {
    fn put(&self, out: &mut Out) {
        out.number(self.len() as u64);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        (0..from.count()?).map(|_| T::take(from)).collect()
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    fn put(&self, out: &mut Out) {
        out.number(self.len() as u64);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        (0..from.count()?).map(|_| Some((K::take(from)?, V::take(from)?))).collect()
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Out) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<A: Wire, B: Wire, C: Wire> Wire for (A, B, C) {
    fn put(&self, out: &mut Out) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(from: &mut In<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?, C::take(from)?))
    }
}
