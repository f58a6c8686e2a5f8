//! What a chronyd has heard from its own servers, by `chronyc -c sources`.

use super::program;
use crate::source::{Budget, Refusal};

/// What a chronyd makes of one of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    /// As `chronyc(1)` marks it: `*` is selected, `+` combined with it, `-` not, `x` false, `~` too variable,
    /// `?` of no use.
    pub(crate) state: char,
    /// Which of the last eight requests were answered, a bit each.
    pub(crate) reach: u8,
}

/// What the chronyd of this machine makes of each of its servers.
pub(crate) fn heard(budget: Budget) -> Result<Vec<Heard>, Refusal> {
    let said = program::ask("chronyc", &["-n", "-c", "sources"], budget)?;
    parse(&said).ok_or_else(|| {
        Refusal::Malformed("`chronyc -c sources` prints lines of another form".to_owned())
    })
}

/// Mode, state, address, stratum, interval, reach in octal, and more that is not looked at.
fn parse(said: &str) -> Option<Vec<Heard>> {
    let lines = said.lines().filter(|line| !line.is_empty());
    let heard = |line: &str| {
        let mut fields = line.split(',').skip(1);
        let state = fields.next()?.chars().next()?;
        let reach = u8::from_str_radix(fields.nth(3)?, 8).ok()?;
        Some(Heard { state, reach })
    };
    lines.map(heard).collect()
}

#[cfg(test)]
mod tests {
    use super::{Heard, parse};

    #[test]
    fn the_state_and_the_reach_of_each_server_are_read() {
        let said = "^,*,10.0.0.1,2,6,377,21,0.000001,0.000001,0.000010\n\
                    ^,?,fd00::1,0,10,0,4294967295,0.0,0.0,0.0\n#,x,PPS0,0,4,17,3,0.1,0.1,0.1\n";
        let heard = |state, reach| Heard { state, reach };
        let expected = vec![heard('*', 0o377), heard('?', 0), heard('x', 0o17)];
        assert_eq!(parse(said), Some(expected));
        assert_eq!(parse(""), Some(Vec::new()));
        for said in [
            "506 Cannot talk to daemon",
            "^,*,a,2,6,400",
            "^,*,a,2,6,8",
            "^,,a,2,6,1",
        ] {
            assert_eq!(parse(said), None, "{said}");
        }
    }
}
