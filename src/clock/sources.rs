//! Whom to ask: addresses, presets and `auto`, opened without asking anybody.

use super::preset;
use crate::source::{AddressError, Named, Options, host_clocks, is_outside};
use std::collections::HashSet;
use std::sync::Arc;

/// The address that stands for: the best this machine has without being told more.
pub const AUTO: &str = "auto";

/// Whom to ask, in order: the next stage is only asked when nobody of the one before answers.
#[derive(Debug, Clone)]
pub struct Sources(pub(super) Vec<Vec<Arc<Named>>>);

/// Why nobody can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourcesError {
    /// An address names no source.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// `auto` stands beside other sources.
    #[error("`auto` stands alone: name the sources, or leave the choice to skewgate")]
    AutoAmongOthers,
    /// A preset stands for nothing here.
    #[error(
        "`{preset}` stands for no source here: no variable names a CI system's server ({looked_for})"
    )]
    Nothing {
        /// The preset.
        preset: &'static str,
        /// Where it looked.
        looked_for: String,
    },
}

impl Sources {
    /// Opens addresses; none means `auto`.
    ///
    /// # Errors
    /// When one names no source, `auto` is not alone, or a preset stands for nothing.
    pub fn open<A: AsRef<str>>(addresses: &[A], options: &Options) -> Result<Self, SourcesError> {
        let is_auto = |address: &A| address.as_ref() == AUTO;
        match addresses {
            [] => auto(options),
            [only] if is_auto(only) => auto(options),
            several if several.iter().any(is_auto) => Err(SourcesError::AutoAmongOthers),
            named => {
                let mut all = Vec::new();
                for address in named {
                    all.extend(expand(address.as_ref())?);
                }
                // Whoever is named twice is asked once, and has one vote.
                let mut known = HashSet::new();
                all.retain(|address| known.insert(address.clone()));
                Ok(Self(vec![opened(&all, options)?]))
            }
        }
    }

    /// Whether anybody but this machine itself would be asked.
    pub fn has_outside(&self) -> bool {
        let mut all = self.0.iter().flatten();
        all.any(|source| is_outside(source.scheme))
    }

    /// Checks what can be checked anywhere: that each address names a source or a preset.
    ///
    /// # Errors
    /// When one does not, or `auto` is not alone.
    pub fn check<A: AsRef<str>>(addresses: &[A]) -> Result<(), SourcesError> {
        match Self::open(addresses, &Options::default()) {
            Ok(_) | Err(SourcesError::Nothing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What an address or a preset stands for.
fn expand(address: &str) -> Result<Vec<String>, SourcesError> {
    let Some(preset) = preset::find(address) else {
        return Ok(vec![address.to_owned()]);
    };
    let addresses = (preset.addresses)();
    if addresses.is_empty() {
        let names: Vec<&str> = preset::CI_VARIABLES.iter().map(|(name, _)| *name).collect();
        let looked_for = names.join(", ");
        return Err(SourcesError::Nothing {
            preset: preset.name,
            looked_for,
        });
    }
    Ok(addresses)
}

fn opened(addresses: &[String], options: &Options) -> Result<Vec<Arc<Named>>, SourcesError> {
    let open = |address: &String| Ok(Arc::new(Named::open(address, options)?));
    addresses.iter().map(open).collect()
}

/// The host's clock and the CI system's server, where there are any; else what the kernel says of the
/// builder's clock; else that clock as it stands. Nobody else is asked without being named.
fn auto(options: &Options) -> Result<Sources, SourcesError> {
    let mut outside = host_clocks();
    outside.extend(preset::ci_servers());
    let stages = [
        outside,
        vec!["kernel:".to_owned()],
        vec!["system:".to_owned()],
    ];
    let stages = stages.iter().filter(|stage| !stage.is_empty());
    Ok(Sources(
        stages
            .map(|stage| opened(stage, options))
            .collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::{Sources, SourcesError, auto, preset};
    use crate::source::Options;

    fn opened(addresses: &[&str]) -> Result<Vec<Vec<String>>, SourcesError> {
        let sources = Sources::open(addresses, &Options::default())?;
        let names = sources.0.iter().map(|stage| {
            let names = stage.iter().map(|named| named.address.clone());
            names.collect()
        });
        Ok(names.collect())
    }

    #[test]
    fn auto_asks_the_builder_itself_last_and_nobody_who_was_not_named() {
        let stages = opened(&[]).unwrap();
        assert_eq!(opened(&["auto"]).unwrap(), stages);
        let (outside, own) = stages.split_at(stages.len() - 2);
        assert_eq!(own, [["kernel:"], ["system:"]]);
        assert!(outside.len() <= 1 && outside.iter().all(|stage| !stage.is_empty()));
        assert!(auto(&Options::default()).is_ok());
    }

    #[test]
    fn auto_stands_alone() {
        for addresses in [["auto", "system:"], ["system:", "auto"], ["auto", "auto"]] {
            assert_eq!(opened(&addresses), Err(SourcesError::AutoAmongOthers));
            let checked = Sources::check(&addresses);
            assert_eq!(checked, Err(SourcesError::AutoAmongOthers));
        }
    }

    #[test]
    fn a_preset_stands_for_its_sources_among_others() {
        let stages = opened(&["system:", "public"]).unwrap();
        assert_eq!(stages.len(), 1);
        assert!(stages[0].len() > 2 && stages[0][0] == "system:");
        assert!(
            stages[0][1..]
                .iter()
                .all(|address| address.starts_with("nts:"))
        );
        if preset::ci_servers().is_empty() {
            let nothing = opened(&["ci", "system:"]).unwrap_err();
            assert!(nothing.to_string().contains("CI_SERVER_URL"), "{nothing}");
        }
        // What it stands for elsewhere is nothing to say of a file.
        assert_eq!(Sources::check(&["ci", "system:"]), Ok(()));
    }
}
