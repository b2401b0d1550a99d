#pragma once

#include <cstddef>
#include <ostream>
#include <vector>

#include "series.h"

namespace chart {

/// Writes the labels of all series, equal ones once, `columns` to a line.
void write_legend(std::ostream& out, const std::vector<Series>& series, std::size_t columns);

}  // namespace chart
