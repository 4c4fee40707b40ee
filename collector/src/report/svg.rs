//! A picture: shapes with classes, whose colours are the page's, so that they follow light and dark. Every text is
//! escaped here.

use std::fmt::Write as _;

/// See the module.
#[derive(Debug)]
pub struct Svg {
    id: String,
    size: (f64, f64),
    title: String,
    desc: String,
    body: String,
}

/// Where a text stands to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is around it.
    Middle,
    /// It ends there.
    End,
}

impl Svg {
    /// An empty one. `id` is unique in the page; `title` and `desc` are what who cannot see it hears.
    pub fn new(id: &str, size: (f64, f64), title: &str, desc: &str) -> Self {
        Self { id: id.to_owned(), size, title: title.to_owned(), desc: desc.to_owned(), body: String::new() }
    }

    /// A rectangle.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(short);
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#);
    }

    /// A line.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(short);
        let _ = write!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    /// A circle.
    pub fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let [x, y, radius] = [x, y, radius].map(short);
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#);
    }

    /// Lines from point to point; `None` is a gap.
    pub fn path(&mut self, class: &str, points: impl IntoIterator<Item = Option<(f64, f64)>>) {
        let (mut text, mut next) = (String::new(), 'M');
        for point in points {
            match point {
                Some((x, y)) => {
                    let _ = write!(text, "{next}{} {}", short(x), short(y));
                    next = 'L';
                }
                None => next = 'M',
            }
        }
        if !text.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" d="{text}"/>"#);
        }
    }

    /// An area.
    pub fn area(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let points: Vec<String> = points.into_iter().map(|(x, y)| format!("{},{}", short(x), short(y))).collect();
        let _ = write!(self.body, r#"<polygon class="{class}" points="{}"/>"#, points.join(" "));
    }

    /// A text.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, text) = (short(x), short(y), escape(text));
        let _ = write!(self.body, r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#);
    }

    /// The element.
    pub fn finish(self) -> String {
        let Self { id, size: (width, height), title, desc, body } = self;
        let (title, desc) = (escape(&title), escape(&desc));
        format!(
            r#"<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{desc}</desc>{body}</svg>"#
        )
    }
}

/// A tenth of a unit is finer than a screen.
fn short(value: f64) -> f64 {
    if value.is_finite() { (value * 10.0).round() / 10.0 } else { 0.0 }
}

/// A text in XML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_element() {
        let mut svg = Svg::new("a", (10.0, 20.0), "<b>\"t\"", "d & 'e'");
        svg.text("x", (1.0, 2.04), Anchor::End, "</text><script>");
        svg.path("y", [Some((0.0, 1.0)), Some((2.0, f64::NAN)), None, Some((3.0, 3.0))]);
        assert_eq!(
            svg.finish(),
            "<svg viewBox=\"0 0 10 20\" role=\"img\" aria-labelledby=\"a-t a-d\"><title id=\"a-t\">&lt;b&gt;&quot;t&quot;\
             </title><desc id=\"a-d\">d &amp; &#39;e&#39;</desc><text class=\"x\" x=\"1\" y=\"2\" text-anchor=\"end\">\
             &lt;/text&gt;&lt;script&gt;</text><path class=\"y\" d=\"M0 1L2 0M3 3\"/></svg>"
        );
    }
}
