//! Resource ids of Azure Resource Manager.

/// A resource id: `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/NAME`.
///
/// Azure returns ids in other cases than they were given, so ids are compared without case. The first spelling is kept.
#[derive(Debug, Clone)]
pub(crate) struct Id {
    text: String,
    key: String,
}

impl Id {
    /// An id of a text.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.trim_end_matches('/').to_owned();
        let key = text.to_ascii_lowercase();
        Self { text, key }
    }

    /// The id as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The id for comparisons.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The last name in it.
    pub(crate) fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// What it begins with: the subscription and the resource group. Empty for an id without them.
    pub(crate) fn group(&self) -> &str {
        let end = self.key.find("/providers/").unwrap_or_default();
        self.text.get(..end).unwrap_or_default()
    }

    /// The name of its resource group, if it has one.
    pub(crate) fn resource_group(&self) -> Option<&str> {
        let mut segments = self.text.split('/');
        segments.find(|one| one.eq_ignore_ascii_case("resourceGroups"))?;
        segments.next()
    }

    /// Its type in lower case, as `microsoft.network/virtualnetworks/subnets`.
    pub(crate) fn kind(&self) -> Option<String> {
        let (_, rest) = self.key.rsplit_once("/providers/")?;
        let segments: Vec<&str> = rest.split('/').collect();
        let (provider, rest) = segments.split_first()?;
        let types = rest.iter().step_by(2).copied();
        (rest.len() >= 2).then(|| {
            std::iter::once(*provider)
                .chain(types)
                .collect::<Vec<_>>()
                .join("/")
        })
    }

    /// The id of the resource that this one is a child of.
    pub(crate) fn parent(&self) -> Option<Self> {
        let kind = self.kind()?;
        if kind.matches('/').count() < 2 {
            return None;
        }
        let mut segments = self.text.rsplitn(3, '/');
        segments.nth(2).map(Self::new)
    }
}
