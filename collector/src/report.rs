//! [P] Reports: a review as one HTML file that needs nothing else, neither network nor scripts. Texts of people are
//! escaped by the templates and by `svg.rs`.

mod band;
mod budget;
mod calendar;
mod cone;
mod page;
mod scale;
mod show;
mod strip;
mod svg;

pub use page::{Kind, Sheet, html};
