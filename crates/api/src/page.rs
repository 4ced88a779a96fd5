//! Lists, page by page.

use crate::problem::{FieldError, Problem};
use serde::Serialize;
use store::PER_PAGE_MAX;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// Those on this page.
    pub(crate) items: Vec<T>,
    /// How many there are on all pages.
    pub(crate) total: u64,
}

/// Which page is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// From 1.
    pub(crate) page: u32,
    /// From 1 to [`PER_PAGE_MAX`].
    pub(crate) per_page: u32,
}

impl Paging {
    /// Reads `page` and `per_page`; a larger page than the largest is the largest.
    pub(crate) fn read(page: Option<u32>, per_page: Option<u32>) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        for (name, value) in [("page", page), ("per_page", per_page)] {
            if value == Some(0) {
                errors.push(FieldError::new(name, "out-of-range", "begins with 1"));
            }
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(Self {
            page: page.unwrap_or(1),
            per_page: per_page.unwrap_or(PER_PAGE).min(PER_PAGE_MAX),
        })
    }

    /// Cuts the page out of a whole list.
    pub(crate) fn cut<T>(self, all: Vec<T>) -> List<T> {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let (page, per_page) = (u64::from(self.page), u64::from(self.per_page));
        let skip = usize::try_from((page - 1) * per_page).unwrap_or(usize::MAX);
        let take = usize::try_from(per_page).unwrap_or(usize::MAX);
        List {
            items: all.into_iter().skip(skip).take(take).collect(),
            total,
        }
    }
}

/// A page unless somebody asks for another size.
const PER_PAGE: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_and_never_larger_than_the_largest() {
        let all: Vec<u32> = (0..500).collect();
        let page =
            |page, per_page| Paging::read(page, per_page).map(|paging| paging.cut(all.clone()));
        let first = page(None, None).expect("a page");
        assert_eq!((first.items.len(), first.total), (50, 500));
        assert_eq!(page(Some(2), Some(200)).expect("a page").items[0], 200);
        assert_eq!(
            page(Some(1), Some(10_000)).expect("a page").items.len(),
            200
        );
        assert!(
            page(Some(u32::MAX), Some(200))
                .expect("empty")
                .items
                .is_empty()
        );
        assert!(page(Some(0), None).is_err() && page(None, Some(0)).is_err());
    }
}
