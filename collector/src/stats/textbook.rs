//! The textbook's tests, one a file. All take their values to be independent, which samples some seconds apart are not:
//! the verdict procedure is for those.

mod anderson_darling;
mod anova;
mod autocorrelation;
mod binomial;
mod brown_forsythe;
mod cramer_von_mises;
mod distribution;
mod effect;
mod f_variance;
mod kolmogorov_smirnov;
mod levene;
mod lilliefors;
mod mann_whitney;
mod multiplicity;
mod permutation;
mod power;
mod shapiro_wilk;
mod t_test;
mod tost;
mod welch;
mod wilcoxon;

pub use anderson_darling::{AndersonDarling, anderson_darling, anderson_darling_normal};
pub use anova::{Anova, anova_oneway};
pub use autocorrelation::{Lag1, lag1_autocorrelation};
pub use binomial::{BinomialInterval, clopper_pearson, wilson, wilson_effective};
pub use brown_forsythe::{BrownForsythe, brown_forsythe};
pub use cramer_von_mises::{CramerVonMises, cramer_von_mises, cramer_von_mises_normal, cramer_von_mises_two_sample};
pub use distribution::Specified;
pub use effect::{EffectSizes, effect_sizes};
pub use f_variance::{FVariance, f_variance};
pub use kolmogorov_smirnov::{KolmogorovSmirnov, ks_one_sample, ks_two_sample};
pub use levene::{Levene, levene};
pub use lilliefors::{Lilliefors, lilliefors};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use multiplicity::{benjamini_hochberg, holm};
pub use power::{power_two_sample, size_two_sample};
pub use shapiro_wilk::{ShapiroWilk, shapiro_wilk};
pub use t_test::{TTest, t_one_sample, t_paired, t_two_sample};
pub use tost::{Tost, tost_paired, tost_welch, within as tost_within};
pub use welch::{Welch, welch};
pub use wilcoxon::{Wilcoxon, ZeroMethod, wilcoxon};

/// How a rank test's p is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// From all permutations of the mid-ranks that were seen, ties included.
    Exact,
    /// From the normal approximation, or the limit for many values.
    Asymptotic,
}

#[cfg(test)]
mod tests;
