//! The procedure on made series.
