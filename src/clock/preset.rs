//! Names that stand for several sources.

use std::env;

/// A name that stands for several sources.
#[derive(Debug)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// What it stands for, in a line.
    pub summary: &'static str,
    pub(super) addresses: fn() -> Vec<String>,
}

/// Every preset.
pub const PRESETS: &[Preset] = &[PUBLIC, CI];

/// Time servers of operators who offer them to everybody. What each asks of its users is in
/// `docs/public-time.md`.
const PUBLIC: Preset = Preset {
    name: "public",
    summary: "NTS servers that their operators offer to the public (docs/public-time.md)",
    addresses: || {
        PUBLIC_SERVERS
            .iter()
            .map(|&address| address.to_owned())
            .collect()
    },
};

const PUBLIC_SERVERS: &[&str] = &["nts:time.cloudflare.com", "nts:nts.netnod.se"];

/// The server of the CI system that runs this, by its answers' `Date`.
const CI: Preset = Preset {
    name: "ci",
    summary: "the server of the CI system that this runs in, as its variables name it",
    addresses: || ci(|name| env::var(name).ok()),
};

/// The variables in which CI systems name their own server.
pub const CI_VARIABLES: &[(&str, &str)] = &[
    ("GITHUB_API_URL", "GitHub Actions, Gitea, Forgejo"),
    ("CI_SERVER_URL", "GitLab"),
    ("SYSTEM_COLLECTIONURI", "Azure Pipelines"),
    ("JENKINS_URL", "Jenkins"),
    ("CI_SYSTEM_URL", "Woodpecker"),
];

/// The first page of each server that a variable names.
fn ci(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let server = |(name, _): &(&str, &str)| {
        let url = variable(name)?;
        let (scheme, rest) = url.split_once("://")?;
        let host = rest
            .split(['/', '?', '#'])
            .next()?
            // Who logs in there is nobody's business.
            .rsplit('@')
            .next()
            .filter(|host| !host.is_empty())?;
        matches!(scheme, "http" | "https").then(|| format!("{scheme}://{host}/"))
    };
    CI_VARIABLES.iter().filter_map(server).collect()
}

/// The preset with this name.
pub(super) fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// What the `ci` preset stands for here and now; nothing outside CI.
pub(super) fn ci_servers() -> Vec<String> {
    (CI.addresses)()
}

#[cfg(test)]
mod tests {
    use super::ci;

    #[test]
    fn a_ci_system_is_known_by_the_server_it_names() {
        let named = |name: &'static str, url: &'static str| {
            ci(move |asked| (asked == name).then(|| url.to_owned()))
        };
        assert_eq!(
            named("GITHUB_API_URL", "https://api.github.com"),
            ["https://api.github.com/"]
        );
        assert_eq!(
            named("CI_SERVER_URL", "https://git.example:8443/gitlab?x#y"),
            ["https://git.example:8443/"]
        );
        assert_eq!(
            named("JENKINS_URL", "http://10.0.0.5:8080/jenkins/"),
            ["http://10.0.0.5:8080/"]
        );
        assert_eq!(
            named("JENKINS_URL", "https://user:p@ss@ci.example/x@y"),
            ["https://ci.example/"]
        );
        assert!(named("CI_SERVER_URL", "ftp://host/").is_empty());
        assert!(named("CI_SERVER_URL", "").is_empty());
        assert!(named("HOME", "https://host/").is_empty());
    }
}
