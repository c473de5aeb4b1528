//! Medians, and how costs grow.

/// The median; of an even number of figures, the lower middle one.
pub(super) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(sorted.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or_default()
}

/// The exponent of growth by size: the slope of the line through the logarithms, by least squares.
pub(super) fn exponent(costs: &[(usize, f64)]) -> f64 {
    let points: Vec<(f64, f64)> = costs
        .iter()
        .map(|(size, cost)| {
            (
                f64::from(u32::try_from(*size).unwrap_or(u32::MAX)).ln(),
                cost.ln(),
            )
        })
        .collect();
    let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}
