//! Reading the operator's files.

use std::io::Read as _;
use std::path::Path;

use super::csv::{self, Rows};
use crate::cli::context::Context;
use crate::cli::fail::Fail;
use crate::stats::verdict::Points;

/// A file, at most: 10 million rows are about 300 MB.
const FILE_MAX_BYTES: u64 = 2 << 30;

/// The whole of a file, or of standard input for `-`.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Fail> {
    let unreadable = |error: std::io::Error| Fail::usage(format!("{} cannot be read: {error}", path.display()));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > FILE_MAX_BYTES {
        return Err(Fail::usage(format!("{} is larger than {FILE_MAX_BYTES} bytes", path.display()))
            .hint("cut it into shorter periods, or take the mean of each minute"));
    }
    Ok(bytes)
}

/// The rows of a series.
pub(super) fn rows(path: &Path, context: &Context) -> Result<Rows, Fail> {
    csv::series(&bytes(path)?, &context.zone()).map_err(|error| Fail::usage(format!("{}: {error}", path.display())))
}

/// The values of a sample.
pub(super) fn sample(path: &Path, context: &Context) -> Result<Vec<f64>, Fail> {
    csv::sample(&bytes(path)?, &context.zone()).map_err(|error| Fail::usage(format!("{}: {error}", path.display())))
}

/// The points of a series; of a counter its rates.
pub(super) fn points(path: &Path, is_counter: bool, context: &Context) -> Result<Points, Fail> {
    let points = Points::new(rows(path, context)?);
    Ok(if is_counter { points.rates() } else { points })
}
