//! How far a clock was ahead over a build, drawn to scale: each reading a bar as long as it is uncertain.

use super::paint::Page;
use crate::time::Span;
use std::io;

/// How many cells are drawn across.
const COLUMNS: usize = 62;

/// How many down.
const ROWS: usize = 11;

/// How far apart the top and the bottom are at least, in nanoseconds.
const LEAST: i128 = 1000;

/// What is drawn.
pub(super) struct Plot {
    /// For each reading how long into the build it was, and how far the clock was ahead, at least and at most.
    pub(super) bars: Vec<(Span, (Span, Span))>,
    /// When a clock was set or jumped.
    pub(super) steps: Vec<Span>,
}

impl Plot {
    /// Draws it; nothing when there are no two readings.
    pub(super) fn draw(&self, page: &mut Page<'_>) -> io::Result<()> {
        let Some(scale) = Scale::of(&self.bars) else {
            return Ok(());
        };
        let mut cells = vec![[' '; COLUMNS]; ROWS];
        let mut put = |row: usize, column: usize, sign: char| {
            if let Some(cell) = cells.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = sign;
            }
        };
        if let Some(row) = scale.row(Span::ZERO) {
            (0..COLUMNS).for_each(|column| put(row, column, '·'));
        }
        for column in self.steps.iter().filter_map(|at| scale.column(*at)) {
            (0..ROWS).for_each(|row| put(row, column, '╎'));
        }
        for (at, (least, most)) in &self.bars {
            let ends = (scale.column(*at), scale.row(*most), scale.row(*least));
            let (Some(column), Some(top), Some(bottom)) = ends else {
                continue;
            };
            for row in top..=bottom {
                let sign = match row {
                    _ if top == bottom => '●',
                    _ if row == top => '┬',
                    _ if row == bottom => '┴',
                    _ => '│',
                };
                put(row, column, sign);
            }
        }
        for (row, cells) in cells.iter().enumerate() {
            let (label, axis) = match row {
                0 => (ahead(scale.top), '┤'),
                _ if row == ROWS - 1 => (ahead(scale.bottom), '┤'),
                _ if Some(row) == scale.row(Span::ZERO) => ("in step".to_owned(), '┤'),
                _ => (String::new(), '│'),
            };
            let label = page.dim(format!("{label:>14} {axis}"));
            let line: String = cells.iter().collect();
            page.line(format_args!("{label}{}", line.trim_end()))?;
        }
        let until = scale.until.to_string();
        let wide = COLUMNS.saturating_sub(3);
        let axis = page.dim(format!("{:>16}{}", "└", "─".repeat(COLUMNS)));
        page.line(format_args!("{axis}"))?;
        let axis = page.dim(format!("{:>19}{until:>wide$}", "0 s"));
        page.line(format_args!("{axis}"))?;
        if self.steps.is_empty() {
            return Ok(());
        }
        page.line(format_args!("{:>16} the clock was set or jumped", '╎'))
    }
}

/// A length of time with its sign, rounded to what is shown of it.
pub(super) fn ahead(span: Span) -> String {
    let (nanos, length) = (span.as_nanos(), span.as_nanos().unsigned_abs());
    let unit = match length {
        60_000_000_000.. => 1_000_000_000,
        1_000_000.. => 1_000_000,
        1000.. => 1000,
        _ => 1,
    };
    let rounded = nanos.saturating_add(nanos.signum() * (unit / 2)) / unit * unit;
    let sign = if rounded > 0 { "+" } else { "" };
    format!("{sign}{}", Span::from_nanos(rounded))
}

/// What a cell stands for.
struct Scale {
    top: Span,
    bottom: Span,
    until: Span,
}

impl Scale {
    /// One that shows all bars.
    fn of(bars: &[(Span, (Span, Span))]) -> Option<Self> {
        let until = bars.iter().map(|(at, _)| *at).max()?;
        let top = bars.iter().map(|(_, (_, most))| *most).max()?;
        let bottom = bars.iter().map(|(_, (least, _))| *least).min()?;
        let is_flat = top.plus(bottom.negated()).as_nanos() < LEAST;
        let top = if is_flat {
            bottom.plus(Span::from_nanos(LEAST))
        } else {
            top
        };
        (bars.len() > 1 && until > Span::ZERO).then_some(Self { top, bottom, until })
    }

    fn row(&self, ahead: Span) -> Option<usize> {
        let below = self.top.plus(ahead.negated());
        place(below, self.top.plus(self.bottom.negated()), ROWS)
    }

    fn column(&self, into: Span) -> Option<usize> {
        place(into, self.until, COLUMNS)
    }
}

/// Which of so many cells a part of a whole lies in, rounded to the nearest.
fn place(part: Span, whole: Span, cells: usize) -> Option<usize> {
    let last = i128::try_from(cells).ok()? - 1;
    let (part, whole) = (part.as_nanos(), whole.as_nanos().max(1));
    if part < 0 || part > whole {
        return None;
    }
    let doubled = part.checked_mul(2 * last)?.checked_add(whole)?;
    usize::try_from(doubled / whole.checked_mul(2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, ROWS, ahead, place};
    use crate::time::Span;

    #[test]
    fn a_length_is_rounded_to_what_is_shown() {
        let told = |nanos| ahead(Span::from_nanos(nanos));
        assert_eq!(told(9_999_960_000), "+10 s");
        assert_eq!(told(-9_999_960_000), "-10 s");
        assert_eq!(told(79_999_700_000), "+1 min 20 s");
        assert_eq!(told(-1_499), "-1 us");
        assert_eq!([told(0), told(7)], ["0 s", "+7 ns"]);
        assert!(told(i128::MAX).starts_with('+') && told(i128::MIN).starts_with('-'));
    }

    #[test]
    fn what_is_drawn_lies_where_it_is() {
        let at = |part, cells| place(Span::from_secs(part), Span::from_secs(100), cells);
        assert_eq!(
            [at(0, ROWS), at(50, ROWS), at(100, ROWS)],
            [Some(0), Some(5), Some(10)]
        );
        assert_eq!([at(0, COLUMNS), at(100, COLUMNS)], [Some(0), Some(61)]);
        assert_eq!([at(-1, ROWS), at(101, ROWS)], [None, None]);
        assert_eq!(
            place(Span::from_nanos(i128::MAX), Span::from_nanos(i128::MAX), 3),
            None
        );
    }
}
