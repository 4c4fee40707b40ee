use super::*;

fn read_series(text: &str) -> Result<Rows, CsvError> {
    series(text.as_bytes(), &TimeZone::UTC)
}

fn same(rows: &Rows, expected: &[(i64, f64)]) -> bool {
    rows.len() == expected.len()
        && rows
            .iter()
            .zip(expected)
            .all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-12 || a.1.is_nan() && b.1.is_nan())
}

#[test]
fn reads_what_people_and_evenkeel_write() {
    let expected = [(1_000, 1.5), (2_000, f64::NAN), (3_000, -2e3)];
    for text in [
        "time,value\n1,1.5\n3,-2e3\n2,\n",
        "1,1.5\r\n2,NaN\r\n3,-2000",
        "# a comment\ntimestamp,value\n\n1970-01-01T00:00:01Z,1.5\n1970-01-01 00:00:02,null\n1970-01-01T01:00:03+01:00,-2000\n",
        "\u{feff}time,value,note\n1,1.5,x\n2,-,y\n3,-2000,z\n",
        "value,time\n1.5,1\nnan,2\n-2000,3\n",
        "time,entity,metric,device,value,unit,missing\n1,\"g,1\",m,,1.5,x,\n2,\"g,1\",m,,,x,no_data\n3,\"g,1\",m,,-2000,x,\n",
    ] {
        let rows = read_series(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!(same(&rows, &expected), "{text:?}: {rows:?}");
    }
    assert_eq!(read_series(""), Ok(Vec::new()));
    assert_eq!(read_series("time,value\n"), Ok(Vec::new()));
}

#[test]
fn says_in_which_line_what_is_wrong() {
    for (text, line, part) in [
        ("time,value\n1,2\nsoon,3\n", 3, "'soon' is not a time"),
        ("time,value\n1,2\n\n2,x\n", 4, "'x' is not a number"),
        ("time,value\n1\n", 2, "there is no value"),
        ("time,val\n1,2\n", 1, "neither a time nor a header"),
        ("at,value\n1,2\n", 1, "no column 'time'"),
        ("1,2,3\n", 1, "more columns need a header"),
        ("1.5\n2\n", 1, "no times"),
        ("now,2\n", 1, "neither a time nor a header"),
        ("time,entity,value\n1,a,2\n2,b,2\n", 3, "another series begins"),
        ("time,value\n1795170600000,1\n", 2, "is not a time"),
        ("time,value\n2026-02-30T00:00:00Z,1\n", 2, "is not a time"),
    ] {
        let error = read_series(text).unwrap_err();
        assert!(error.line == line && error.message.contains(part), "{text:?}: {error}");
    }
}

#[test]
fn a_sample_needs_no_times() {
    let read = |text: &str| sample(text.as_bytes(), &TimeZone::UTC);
    assert_eq!(read("3\n1\n2\n"), Ok(vec![3.0, 1.0, 2.0]));
    assert_eq!(read("value\n3\n1\n"), Ok(vec![3.0, 1.0]));
    assert_eq!(read("time,value\n2,3\n1,1\n"), Ok(vec![1.0, 3.0]));
    assert_eq!(read("1\ntwo\n").unwrap_err().line, 2);
}
