//! One row of the mapping: a parameter's pattern, its metric, its scale and how its device is called.

use evenkeel_common::limits::NAME_MAX_BYTES;
use evenkeel_common::metric::{Kind, Metric, known};
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Value};

use super::Params;
use crate::scrape::protocol::Param;

/// From libvirt's number to the stored one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scale {
    /// Multiplied by this (1024 for KiB).
    By(u64),
    /// A word; its place in the list is the value.
    Words(&'static [&'static str]),
}

/// How the device of a parameter is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Device {
    /// The domain itself.
    Whole,
    /// This word and the number.
    Numbered(&'static str),
    /// The text parameter `group.N.name`, else the group and the number.
    Named(&'static str),
    /// A resctrl monitor: its name.
    Monitor(&'static str),
    /// A part of a resctrl monitor: its name, the part's word and the host's id of it.
    Part { monitor: &'static str, part: &'static str },
}

impl Device {
    pub(super) fn name(self, numbers: &[u32], params: &Params<'_>) -> String {
        let first = numbers.first().copied().unwrap_or(0);
        match self {
            Self::Whole => String::new(),
            Self::Numbered(word) => format!("{word}{first}"),
            Self::Named(group) | Self::Monitor(group) => {
                let short = group.rsplit('.').next().unwrap_or(group);
                params.text(&format!("{group}.{first}.name")).map_or_else(|| format!("{short}{first}"), str::to_owned)
            }
            Self::Part { monitor, part } => {
                let second = numbers.get(1).copied().unwrap_or(0);
                let id = params.number(&format!("{monitor}.{first}.{part}.{second}.id"));
                let name = Self::Monitor(monitor).name(numbers, params);
                format!("{name}/{part}{}", id.unwrap_or_else(|| second.into()))
            }
        }
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The parameter's name with `#` for each number.
    pub param: &'static str,
    pub metric: &'static Metric,
    pub scale: Scale,
    pub device: Device,
}

/// A row of the domain itself.
pub(super) const fn row(param: &'static str, metric: &'static str) -> Row {
    Row { param, metric: known(metric), scale: Scale::By(1), device: Device::Whole }
}

impl Row {
    pub(super) const fn of(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    pub(super) const fn times(mut self, factor: u64) -> Self {
        self.scale = Scale::By(factor);
        self
    }

    pub(super) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.scale = Scale::Words(words);
        self
    }

    /// The value, `None` when the metric cannot hold it.
    pub(super) fn value(&self, param: &Param, epoch: CounterEpoch) -> Option<Value> {
        let factor = match self.scale {
            Scale::By(factor) => factor,
            Scale::Words(words) => {
                let Param::Text(text) = param else { return None };
                let at = words.iter().position(|word| word == text)?;
                return Some(Value::Gauge(Gauge::Int(i64::try_from(at).ok()?)));
            }
        };
        match self.metric.kind {
            Kind::Counter => {
                let value = match param {
                    Param::U64(value) => *value,
                    Param::I64(value) => u64::try_from(*value).ok()?,
                    Param::F64(_) | Param::Bool(_) | Param::Text(_) => return None,
                };
                Some(Value::Counter(Counter { epoch, value: value.checked_mul(factor)? }))
            }
            Kind::Gauge => gauge(param, i64::try_from(factor).ok()?).map(Value::Gauge),
        }
    }
}

/// A gauge; a number too big for a whole one becomes a fraction, which holds its first 15 digits.
#[expect(clippy::cast_precision_loss, reason = "only for numbers that no integer of the catalogue holds")]
fn gauge(param: &Param, factor: i64) -> Option<Gauge> {
    let whole = match param {
        Param::U64(value) => match i64::try_from(*value) {
            Ok(value) => value,
            Err(_) => return Finite::new(*value as f64 * factor as f64).map(Gauge::Float),
        },
        Param::I64(value) => *value,
        Param::Bool(value) => i64::from(*value),
        Param::F64(value) => return Finite::new(value * factor as f64).map(Gauge::Float),
        Param::Text(_) => return None,
    };
    match whole.checked_mul(factor) {
        Some(value) => Some(Gauge::Int(value)),
        None => Finite::new(whole as f64 * factor as f64).map(Gauge::Float),
    }
}

/// libvirt's names are shorter (`VIR_TYPED_PARAM_FIELD_LENGTH`).
const PATTERN_MAX_BYTES: usize = 80;
/// Numbers in a name; libvirt's have two at most.
const NUMBERS_MAX: usize = 4;

/// A parameter's name taken apart, without an allocation: there are thousands of them.
#[derive(Debug)]
pub(super) struct Path {
    pattern: [u8; PATTERN_MAX_BYTES],
    length: usize,
    found: [u32; NUMBERS_MAX],
    count: usize,
}

impl Path {
    /// What has no room has no pattern, like any name that is unknown.
    pub(super) fn parse(name: &str) -> Self {
        let mut path = Self { pattern: [0; PATTERN_MAX_BYTES], length: 0, found: [0; NUMBERS_MAX], count: 0 };
        for (at, part) in name.split('.').enumerate() {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            let number = is_number.then(|| part.parse::<u32>().ok()).flatten();
            let fits = (at == 0 || path.push(b".")) && path.push(if number.is_some() { b"#" } else { part.as_bytes() });
            if !fits || !number.is_none_or(|number| path.number(number)) {
                return Self { length: 0, count: 0, ..path };
            }
        }
        path
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        let end = self.length + bytes.len();
        let Some(room) = self.pattern.get_mut(self.length..end) else { return false };
        room.copy_from_slice(bytes);
        self.length = end;
        true
    }

    fn number(&mut self, number: u32) -> bool {
        let Some(room) = self.found.get_mut(self.count) else { return false };
        *room = number;
        self.count += 1;
        true
    }

    /// The name with `#` for each number.
    pub(super) fn pattern(&self) -> &str {
        // Whole parts of a name were copied.
        std::str::from_utf8(&self.pattern[..self.length]).unwrap_or_default()
    }

    /// The numbers in their order.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.found[..self.count]
    }
}

/// A name cut to what the wire takes.
pub(super) fn clip(name: &str) -> String {
    name[..name.floor_char_boundary(NAME_MAX_BYTES)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_apart() {
        let path = Path::parse("block.12.rd.bytes");
        assert_eq!((path.pattern(), path.numbers()), ("block.#.rd.bytes", &[12][..]));
        for same in ["vm.pages_4k.cur", "vcpu.+1.time", "vcpu.4294967296.time", "a..b", ""] {
            assert_eq!((Path::parse(same).pattern(), Path::parse(same).numbers()), (same, &[][..]));
        }
        for too_long in ["x".repeat(81), "1.".repeat(5)] {
            assert_eq!((Path::parse(&too_long).pattern(), Path::parse(&too_long).numbers()), ("", &[][..]));
        }
    }

    #[test]
    fn clips_at_a_character() {
        assert_eq!(clip(&"ü".repeat(200)).len(), 254);
        assert_eq!(clip("vda"), "vda");
    }

    #[test]
    fn scales_without_overflow() {
        let rss = row("balloon.rss", "vm_memory_rss_bytes").times(1024);
        let epoch = CounterEpoch(0);
        assert_eq!(rss.value(&Param::U64(2), epoch), Some(Value::Gauge(Gauge::Int(2048))));
        assert!(matches!(rss.value(&Param::U64(u64::MAX), epoch), Some(Value::Gauge(Gauge::Float(_)))));
        let swap = row("balloon.swap_in", "vm_memory_swap_in_bytes_total").times(1024);
        assert_eq!(swap.value(&Param::U64(u64::MAX), epoch), None);
        assert_eq!(swap.value(&Param::I64(-1), epoch), None);
    }
}
