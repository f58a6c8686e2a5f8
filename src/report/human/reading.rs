//! What time it is and who says so, drawn to scale: every source's interval as a bar around the
//! agreement.

use super::evidence::{beside, said, standing, told, whose};
use super::paint::Page;
use crate::clock::{Answer, Standing};
use crate::report::text::shown;
use crate::report::{ClockEvidence, Disagreement, Reading, Style, Within};
use crate::rule::Level;
use crate::time::{Interval, Order, Span, Timestamp};
use std::io::{self, Write};

/// How many cells the drawing has on each side of its middle.
const HALF: i128 = 20;

/// What the drawing reaches at least, in nanoseconds.
const LEAST: i128 = 1000;

/// The widest address that the bars are indented for.
const ADDRESS: usize = 36;

pub(super) fn write(reading: &Reading, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, *style);
    match &reading.clock {
        Ok(clock) => {
            let time = page.bold(told(clock.trusted));
            let (whose, standing) = (whose(clock.class), standing(clock, page));
            page.line(format_args!("clock    {time}, {whose}, {standing}"))?;
            if let Some(builder) = clock.builder {
                let told = offset(clock, builder);
                page.line(format_args!("builder  {builder}, {told}"))?;
            }
        }
        Err(disagreement) => {
            let none = page.level(Level::Error, "no trusted time");
            let reason = shown(&disagreement.reason);
            page.line(format_args!("clock    {none}: {reason}"))?;
            page.line(format_args!("remedy   {}", disagreement.remedy))?;
        }
    }
    if let Some(is_kept) = reading.is_kept {
        let kept = if is_kept {
            "something keeps"
        } else {
            "nothing keeps"
        };
        page.line(format_args!(
            "kept     {kept} this machine's clock in step, its kernel says"
        ))?;
    }
    if let Some(within) = reading.within {
        limit(within, &reading.clock, page)?;
    }
    page.gap()?;
    match &reading.clock {
        Ok(clock) => drawing(clock, page),
        Err(disagreement) => disagreement.answers.iter().try_for_each(|answer| {
            let (address, said) = (shown(&answer.address), said(answer));
            page.line(format_args!("{address}  {said}"))
        }),
    }
}

/// Whether the builder's clock is near enough, or why nobody knows.
fn limit(
    within: Within,
    clock: &Result<ClockEvidence, Disagreement>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let limit = within.limit;
    let is_verified = clock.as_ref().is_ok_and(|clock| clock.class.is_verified());
    let (level, text) = match (within.is_proven, is_verified) {
        (true, _) => (Level::Note, format!("within {limit}")),
        (false, true) => (Level::Error, format!("not proven to be within {limit}")),
        (false, false) => {
            let text = page.level(Level::Error, "no outside clock");
            return page.line(format_args!(
                "limit    {text} says whether the builder's is within {limit} of the time"
            ));
        }
    };
    let text = page.level(level, text);
    page.line(format_args!(
        "limit    the builder's clock is {text} of the trusted time"
    ))
}

/// How far the builder's clock is off: where it may be, not only where it most likely is.
fn offset(clock: &ClockEvidence, builder: Timestamp) -> String {
    let told = beside(builder, clock.trusted);
    let Some((least, most)) = clock.ahead() else {
        return told;
    };
    if !clock.class.is_verified() {
        return told;
    }
    let side = |span: Span| match span < Span::ZERO {
        true => format!("{} behind", span.abs()),
        false => format!("{span} ahead"),
    };
    format!("{told} (between {} and {})", side(least), side(most))
}

/// The bars.
fn drawing(clock: &ClockEvidence, page: &mut Page<'_>) -> io::Result<()> {
    let Some(middle) = clock.trusted.middle() else {
        return Ok(());
    };
    let inside = |answer: &&Answer| matches!(answer.standing, Standing::Agrees | Standing::Follows);
    let times = clock
        .answers
        .iter()
        .filter(inside)
        .filter_map(|answer| at(answer, clock));
    let scale = Scale::around(middle, times.chain([clock.trusted]));
    let longest = clock
        .answers
        .iter()
        .map(|answer| shown(&answer.address).chars().count())
        .max();
    let wide = longest.unwrap_or(0).clamp("builder".len(), ADDRESS);
    let reach = scale.reach;
    let (left, right) = (format!("-{reach}"), format!("+{reach}"));
    let between = usize::try_from(2 * HALF + 1)
        .unwrap_or(0)
        .saturating_sub(left.chars().count());
    let axis = page.dim(format!("{:wide$}  {left}{right:>between$}", ""));
    page.line(format_args!("{axis}"))?;
    let bar = scale.bar(clock.trusted, ['╞', '═', '╡', '║']);
    let half = clock.trusted.width().half();
    let bar = page.bold(bar);
    page.line(format_args!("{:wide$}  {bar}  ±{half}", "agreed"))?;
    if let Some(builder) = clock.builder.filter(|_| clock.class.is_verified()) {
        let bar = scale.bar(Interval::exactly(builder), ['●', '●', '●', '●']);
        page.line(format_args!("{:wide$}  {bar}", "builder"))?;
    }
    for answer in &clock.answers {
        let address = shown(&answer.address);
        let Some(time) = at(answer, clock) else {
            let said = page.dim(said(answer));
            page.line(format_args!("{address:wide$}  {said}"))?;
            continue;
        };
        let bar = scale.bar(time, ['├', '─', '┤', '│']);
        let half = time.width().half();
        let told = match answer.standing {
            Standing::None | Standing::Agrees => format!("±{half}  agrees"),
            Standing::Follows => format!("±{half}  agrees, without a vote"),
            Standing::Outside { by, is_later } => {
                let side = if is_later { "later" } else { "earlier" };
                let outside = page.level(Level::Warning, format!("outside: {by} {side}"));
                format!("±{half}  {outside}")
            }
        };
        page.line(format_args!("{address:wide$}  {bar}  {told}"))?;
    }
    Ok(())
}

/// What a source said, at the instant of the agreement.
fn at(answer: &Answer, clock: &ClockEvidence) -> Option<Interval> {
    Some(answer.said.as_ref().ok()?.at(clock.taken))
}

/// What a cell stands for.
struct Scale {
    middle: Timestamp,
    /// How far the drawing reaches on each side.
    reach: Span,
}

impl Scale {
    /// The smallest round reach that shows all of the times.
    fn around(middle: Timestamp, times: impl Iterator<Item = Interval>) -> Self {
        let far = |time: Interval| {
            let early = time.earliest().map_or(Span::ZERO, |at| middle.since(at));
            let late = time.latest().map_or(Span::ZERO, |at| at.since(middle));
            early.max(late)
        };
        let most = times
            .map(far)
            .max()
            .unwrap_or_default()
            .as_nanos()
            .max(LEAST);
        let tens = (0..30).map(|power| 10_i128.pow(power));
        let mut round = tens.flat_map(|ten| [ten, 2 * ten, 5 * ten]);
        let reach = round
            .find(|reach| *reach >= most.max(1))
            .unwrap_or(most.max(1));
        Self {
            middle,
            reach: Span::from_nanos(reach),
        }
    }

    /// In which cell an instant lies, counted from the middle.
    fn cell(&self, at: Timestamp) -> i128 {
        let from = at.since(self.middle).as_nanos();
        let reach = self.reach.as_nanos().max(1);
        // Rounded to the nearest, for both signs alike.
        (from.saturating_mul(2 * HALF) + from.signum() * reach) / (2 * reach)
    }

    /// The bar of a time: its ends, what is between, and what it is when it is but one cell. What lies
    /// beyond the edges is pointed at.
    fn bar(&self, time: Interval, [first, between, last, only]: [char; 4]) -> String {
        let view = Interval::around(self.middle, self.reach);
        let from = time.earliest().map_or(-HALF - 1, |at| self.cell(at));
        let to = time.latest().map_or(HALF + 1, |at| self.cell(at));
        let cells = (-HALF..=HALF).map(|cell| match time.order(view) {
            Order::Before if cell == -HALF => '◂',
            Order::After if cell == HALF => '▸',
            Order::Before | Order::After => '·',
            Order::Overlaps if cell < from || cell > to => '·',
            Order::Overlaps if from == to => only,
            Order::Overlaps if cell == from => first,
            Order::Overlaps if cell == to => last,
            Order::Overlaps => between,
        });
        cells.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Scale, write};
    use crate::report::sample::{PLAIN, disagreement, reading};
    use crate::report::text::is_hidden;
    use crate::report::{ClockEvidence, Reading};
    use crate::source::Class;
    use crate::time::{Interval, Span, Timestamp};

    fn bar(from: i64, to: i64) -> String {
        let zero = Timestamp::from_unix(0, 0);
        let scale = Scale {
            middle: zero,
            reach: Span::from_millis(20),
        };
        let at = |millis| zero.later(Span::from_millis(millis));
        scale.bar(Interval::between(at(from), at(to)), ['[', '=', ']', '|'])
    }

    #[test]
    fn a_bar_is_drawn_to_scale() {
        assert_eq!(bar(-20, 20), format!("[{}]", "=".repeat(39)));
        assert_eq!(bar(0, 0), format!("{0}|{0}", "·".repeat(20)));
        assert_eq!(
            bar(-10, 5),
            format!("{}[{}]{}", "·".repeat(10), "=".repeat(14), "·".repeat(15))
        );
        assert_eq!(bar(-30, 25), "=".repeat(41));
        assert_eq!(bar(30, 40), format!("{}▸", "·".repeat(40)));
        assert_eq!(bar(-400, -30), format!("◂{}", "·".repeat(40)));
    }

    #[test]
    fn the_scale_is_round_and_shows_all() {
        let zero = Timestamp::from_unix(0, 0);
        let reach = |millis| {
            let time = Interval::around(zero, Span::from_millis(millis));
            Scale::around(zero, [time].into_iter()).reach
        };
        assert_eq!(reach(1), Span::from_millis(1));
        assert_eq!(reach(13), Span::from_millis(20));
        assert_eq!(reach(499), Span::from_millis(500));
        assert_eq!(reach(501), Span::from_secs(1));
        assert_eq!(reach(0), Span::from_nanos(1000));
    }

    fn told(reading: &Reading) -> String {
        let mut out = Vec::new();
        write(reading, &PLAIN, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            assert!(!line.contains(is_hidden) && !line.contains("##"), "{line}");
            assert!(!line.trim_start().starts_with("::"), "{line}");
        }
        text
    }

    #[test]
    fn a_reading_tells_who_agrees_who_lies_and_how_far_the_builder_is_off() {
        let text = told(&reading());
        assert_eq!(text, EXPECTED.trim_start_matches('\n'), "\n{text}");
    }

    const EXPECTED: &str = r"
clock    2026-11-23T11:20:57.500Z ± 7.500 s, of other machines, not authenticated, verified: 2 of 3 sources agree
builder  2026-11-23T11:20:56Z, in step with the clock (between 9 s behind and 6 s ahead)
kept     nothing keeps this machine's clock in step, its kernel says
limit    the builder's clock is not proven to be within 2 s of the trusted time

                     -50 s                               +50 s
agreed               ·················╞═════╡·················  ±7.500 s
builder              ···················●·····················
ntp:one              ·················├─────┤·················  ±7.500 s  agrees
ntp:two\x1b[31m      ·············├───────────────┤···········  ±20 s  agrees, without a vote
ntp:three#\x23[x]    ········································▸  ±5 s  outside: 1 min 25 s later
:\x3asilent\u{202e}  gave no time: no\n#\x23[error]
";

    #[test]
    fn without_an_agreement_each_is_told() {
        let text = told(&disagreement());
        assert!(
            text.contains(r"no trusted time: they do not\nagree"),
            "{text}"
        );
        assert_eq!(
            text.lines()
                .filter(|line| line.contains("answered 2026"))
                .count(),
            3
        );
    }

    #[test]
    fn a_limit_without_an_outside_clock_is_told_so() {
        let mut own = reading();
        own.clock = own.clock.map(|clock| ClockEvidence {
            class: Class::System,
            ..clock
        });
        let text = told(&own);
        let expected =
            "limit    no outside clock says whether the builder's is within 2 s of the time\n";
        assert!(text.contains(expected), "{text}");
    }
}
