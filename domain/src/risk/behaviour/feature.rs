//! What is measured of a behaviour, and what is known about it before anyone is known.

/// A kind of feature. Features of one kind differ by place only: the hold time of the third key, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// How long a key is held, in milliseconds (H).
    Hold,
    /// From the press of a key to the press of the next, in milliseconds (DD).
    PressToPress,
    /// From the release of a key to the release of the next, in milliseconds; derived.
    ReleaseToRelease,
    /// The geometric mean of all hold times; derived.
    AverageHold,
    /// The geometric mean of all times from press to press; derived.
    AveragePress,
    /// Speed of the pointer, in pixels per millisecond.
    PointerSpeed,
    /// Curvature of the pointer's path, in radians per pixel.
    PointerCurvature,
    /// Time for which the pointer rests, in milliseconds.
    PointerPause,
    /// Size or pressure of a touch, in whatever unit the browser has.
    TouchSize,
    /// From one touch to the next, in milliseconds.
    TouchCadence,
}

/// How the values of a kind are spread over all people, as natural logarithms: a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Population {
    /// Its mean.
    pub mean: f32,
    /// Its standard deviation.
    pub deviation: f32,
}

impl Kind {
    /// Every kind; its place is its number in stored templates, so new ones go to the end.
    pub const ALL: [Self; 10] = [
        Self::Hold,
        Self::PressToPress,
        Self::ReleaseToRelease,
        Self::AverageHold,
        Self::AveragePress,
        Self::PointerSpeed,
        Self::PointerCurvature,
        Self::PointerPause,
        Self::TouchSize,
        Self::TouchCadence,
    ];

    /// Whether it follows from other kinds, so that a browser must not send it.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(
            self,
            Self::ReleaseToRelease | Self::AverageHold | Self::AveragePress
        )
    }

    /// Above this, it is no behaviour: a key that got stuck, a user who went away, a made-up number.
    #[must_use]
    pub const fn limit(self) -> f64 {
        match self {
            Self::Hold | Self::AverageHold => 10_000.0,
            Self::PressToPress
            | Self::ReleaseToRelease
            | Self::AveragePress
            | Self::PointerPause
            | Self::TouchCadence => 60_000.0,
            Self::PointerSpeed => 1_000.0,
            Self::PointerCurvature => 100.0,
            Self::TouchSize => 10_000.0,
        }
    }

    /// Times in seconds, everything else as it is.
    const fn unit(self) -> f64 {
        match self {
            Self::PointerSpeed | Self::PointerCurvature | Self::TouchSize => 1.0,
            Self::Hold
            | Self::PressToPress
            | Self::ReleaseToRelease
            | Self::AverageHold
            | Self::AveragePress
            | Self::PointerPause
            | Self::TouchCadence => 0.001,
        }
    }

    /// The natural logarithm of a value: people differ by factors, and are slow more often than fast. The 0.01 (10 ms) keeps
    /// the shortest times, which are mostly noise of the clock, from being stretched.
    #[must_use]
    pub fn logarithm(self, value: f64) -> f64 {
        ((value * self.unit()).max(0.0) + 0.01).ln()
    }

    /// What is known before anyone is known. Times of keys are rounded from two public data sets together, a desktop keyboard (Killourhy
    /// and Maxion 2009) and a touch screen (MEU-Mobile KSD), with deviations a third wider than either, so that other texts and devices
    /// fit. The others are assumptions, so wide that they say little.
    #[must_use]
    pub const fn population(self) -> Population {
        let (mean, deviation) = match self {
            Self::Hold | Self::AverageHold => (-2.3, 0.45),
            Self::PressToPress | Self::ReleaseToRelease | Self::AveragePress => (-1.0, 0.9),
            Self::PointerSpeed => (-0.5, 1.0),
            Self::PointerCurvature => (-3.0, 1.2),
            Self::PointerPause => (-1.0, 1.2),
            Self::TouchSize => (-1.5, 0.8),
            Self::TouchCadence => (-1.0, 0.9),
        };
        Population { mean, deviation }
    }

    /// What this feature shares its speed with, if anything: a user in a hurry is faster with every key, which says less than being
    /// faster with one.
    #[must_use]
    pub(super) const fn tempo(self) -> Option<Tempo> {
        match self {
            Self::Hold => Some(Tempo::Hold),
            Self::PressToPress | Self::ReleaseToRelease => Some(Tempo::Flight),
            Self::AverageHold
            | Self::AveragePress
            | Self::PointerSpeed
            | Self::PointerCurvature
            | Self::PointerPause
            | Self::TouchSize
            | Self::TouchCadence => None,
        }
    }

    /// Its number in stored templates.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// The kind with a number.
    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Features whose speed changes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tempo {
    Hold,
    Flight,
}
