//! Simulated months of a service, on real databases and a clock of our own: readings go in as batches, are sealed and
//! rolled up, outages are found from them, and periods are reviewed.

mod months;
mod page_tests;
mod site;
