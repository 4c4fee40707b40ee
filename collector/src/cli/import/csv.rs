//! [P] CSV: a header that names time, entity, metric, device and value, then a reading a line.

use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use super::source::Parsed;
use crate::cli::when;
use crate::view::import::ImportRow;

/// The columns, in the contract's order.
const COLUMNS: [&str; 5] = ["time", "entity", "metric", "device", "value"];
/// The one that may be left out.
const DEVICE: usize = 3;

/// See the module.
#[derive(Debug)]
pub(super) struct Csv {
    zone: TimeZone,
    /// Where each column is.
    places: Option<[Option<usize>; 5]>,
}

impl Csv {
    /// Times without an offset are read in this zone.
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, places: None }
    }

    /// Whether the input may end here.
    pub(super) fn end(&self) -> Result<(), String> {
        match self.places {
            Some(_) => Ok(()),
            None => Err("the input is empty; it begins with the header time,entity,metric,device,value".to_owned()),
        }
    }

    pub(super) fn line(&mut self, number: u64, text: &str) -> Parsed {
        let text = if number == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if text.is_empty() || text.starts_with('#') {
            return Parsed::Nothing;
        }
        let Some(fields) = fields(text) else {
            return Parsed::Rejected("a quote is not closed on this line".to_owned());
        };
        let Some(places) = &self.places else { return self.header(&fields) };
        let field = |column: usize| places[column].map_or(Some(""), |at| fields.get(at).map(|field| field.trim()));
        let all = [field(0), field(1), field(2), field(3), field(4)];
        let [Some(time), Some(entity), Some(metric), Some(device), Some(value)] = all else {
            return Parsed::Rejected(format!("there are {} fields, fewer than in the header", fields.len()));
        };
        // Not `now` and the like: a file says the same tomorrow.
        let begins = time.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        match when::parse_point(time, UnixMs(0), &self.zone).ok().filter(|_| begins) {
            Some(at) => {
                let text = str::to_owned;
                Parsed::Row(ImportRow(number, at.0, text(entity), text(metric), text(device), text(value)))
            }
            None => Parsed::Rejected(format!(
                "'{time}' is not a time; write RFC 3339 (2026-11-20T10:00:00Z) or Unix seconds"
            )),
        }
    }

    fn header(&mut self, fields: &[String]) -> Parsed {
        let place = |name: &str| fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let places = COLUMNS.map(place);
        let missing =
            COLUMNS.iter().zip(&places).enumerate().find(|(column, (_, place))| place.is_none() && *column != DEVICE);
        if let Some((_, (name, _))) = missing {
            return Parsed::Unreadable(format!(
                "the header has no column '{name}'; it is time,entity,metric,device,value"
            ));
        }
        self.places = Some(places);
        Parsed::Nothing
    }
}

/// The fields of RFC 4180 on one line; `None` when a quote is not closed: names have no line feeds.
fn fields(line: &str) -> Option<Vec<String>> {
    if !line.contains('"') {
        return Some(line.split(',').map(str::to_owned).collect());
    }
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    (!quoted).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &[&str]) -> Vec<Parsed> {
        let mut csv = Csv::new(TimeZone::UTC);
        (1..).zip(lines).map(|(number, line)| csv.line(number, line)).collect()
    }

    fn row(line: u64, at: i64, fields: [&str; 4]) -> Parsed {
        let [entity, metric, device, value] = fields.map(str::to_owned);
        Parsed::Row(ImportRow(line, at, entity, metric, device, value))
    }

    #[test]
    fn rows_by_their_header() {
        let parsed = parse(&["\u{feff}time,entity,metric,device,value", "# a comment", "1.5,web,m,vda,7"]);
        assert_eq!(parsed[2], row(3, 1_500, ["web", "m", "vda", "7"]));
        let parsed = parse(&["VALUE, metric,entity,time", "7,m,\"a \"\"b\"\", c\",1970-01-01T00:00:02Z", "7,m,web"]);
        assert_eq!(parsed[1], row(2, 2_000, ["a \"b\", c", "m", "", "7"]));
        assert_eq!(parsed[2], Parsed::Rejected("there are 3 fields, fewer than in the header".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(matches!(&parse(&["time,metric,value"])[0], Parsed::Unreadable(why) if why.contains("'entity'")));
        let parsed = parse(&["time,entity,metric,value", "now,a,m,1", "1,\"a,m,1", ""]);
        assert!(matches!(&parsed[1], Parsed::Rejected(why) if why.contains("'now' is not a time")));
        assert!(matches!(&parsed[2], Parsed::Rejected(why) if why.contains("quote")));
        assert_eq!(parsed[3], Parsed::Nothing);
        assert!(Csv::new(TimeZone::UTC).end().is_err());
    }
}
