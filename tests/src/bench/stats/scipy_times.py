"""Times scipy's tests on samples of 64-bit floats; prints a JSON object of milliseconds."""
import json
import sys
import time

import numpy as np
import scipy
from scipy import stats

x, y = (np.fromfile(path, dtype="<f8") for path in sys.argv[1:3])
rounds = int(sys.argv[3])
tests = {
    "welch": lambda: stats.ttest_ind(x, y, equal_var=False),
    "levene": lambda: stats.levene(x, y, center="mean"),
    "brown_forsythe": lambda: stats.levene(x, y, center="median"),
    "mann_whitney": lambda: stats.mannwhitneyu(x, y, method="asymptotic"),
    "ks_2samp": lambda: stats.ks_2samp(x, y, method="asymp"),
    "anderson_darling": lambda: stats.anderson(x, "norm"),
}
result = {"scipy": scipy.__version__}
import warnings

warnings.simplefilter("ignore")
for name, run in tests.items():
    run()
    spent = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run()
        spent.append(time.perf_counter() - begin)
    result[name] = 1000 * sorted(spent)[len(spent) // 2]
print(json.dumps(result))
