//! Finds routers by name.

use crate::findings::{Finding, Located, no_such};
use crate::onpremises::site::model::{Site, SiteRouter};

/// Every router with its site.
pub(crate) fn routers(sites: &[Site]) -> impl Iterator<Item = (&Site, &SiteRouter)> {
    sites
        .iter()
        .flat_map(|site| site.routers.iter().map(move |router| (site, router)))
}

/// The router with that name, with its site, or a finding.
pub(crate) fn find_router<'a>(
    sites: &'a [Site],
    name: &Located<String>,
) -> Result<(&'a Site, &'a SiteRouter), Finding> {
    routers(sites)
        .find(|(_, router)| router.name.value.as_str() == name.value)
        .ok_or_else(|| {
            let names = routers(sites).map(|(_, router)| router.name.value.as_str());
            no_such("router", name, names)
        })
}
