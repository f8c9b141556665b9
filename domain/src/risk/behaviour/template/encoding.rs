//! A template as bytes: version, number of groups, each with kind and count, number of samples, then their values in little-endian order.
//! Twenty samples of an address with twenty keys take 2.4 kB.

use super::{BehaviourSample, Group, MOST_SAMPLES, Template, features};
use crate::risk::behaviour::{
    feature::Kind,
    sample::{MAX_FEATURES, MAX_VALUES},
};

const VERSION: u8 = 1;

impl Template {
    /// The bytes to store; they are personal data, so they are sealed and deleted like it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let values = self.samples.len() * features(self.shape());
        let mut bytes = Vec::with_capacity(3 + 2 * self.shape().len() + 2 * values);
        // Both are far below 256.
        bytes.extend([VERSION, self.shape().len() as u8]);
        for group in self.shape() {
            bytes.extend([group.kind.number(), group.count]);
        }
        bytes.push(self.samples.len() as u8);
        for sample in &self.samples {
            bytes.extend(sample.values().iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }

    /// The template that was stored; `None` if the bytes are another version's or not what [`Self::to_bytes`] wrote: the user enrols again.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [VERSION, groups, rest @ ..] = bytes else {
            return None;
        };
        let (groups, rest) = rest.split_at_checked(2 * usize::from(*groups))?;
        let shape: Option<Box<[Group]>> = groups.chunks_exact(2).map(group).collect();
        let shape = shape?;
        let length = features(&shape);
        let is_ordered = shape.windows(2).all(|pair| match pair {
            [one, next] => one.kind.number() < next.kind.number(),
            _ => true,
        });
        let [samples, rest @ ..] = rest else {
            return None;
        };
        let samples = usize::from(*samples);
        let is_bounded = (1..=MOST_SAMPLES).contains(&samples)
            && (1..=MAX_FEATURES).contains(&length)
            && rest.len() == samples * 2 * length;
        if !is_ordered || !is_bounded {
            return None;
        }
        let sample = |bytes: &[u8]| {
            let values = bytes.chunks_exact(2).map(value).collect::<Option<_>>()?;
            BehaviourSample::from_parts(shape.clone(), values)
        };
        let samples: Option<_> = rest.chunks_exact(2 * length).map(sample).collect();
        Some(Self { samples: samples? })
    }
}

fn group(bytes: &[u8]) -> Option<Group> {
    let [kind, count] = *bytes else {
        return None;
    };
    let kind = Kind::from_number(kind)?;
    let is_bounded = (1..=MAX_VALUES).contains(&usize::from(count));
    is_bounded.then_some(Group { kind, count })
}

fn value(bytes: &[u8]) -> Option<i16> {
    Some(i16::from_le_bytes(bytes.try_into().ok()?))
}
