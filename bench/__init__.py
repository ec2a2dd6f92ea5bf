"""What netbot costs, beside what others cost: ``make bench``.

Processor time and ratios taken in one run are the measure, for they hold on other machines too.
Whether a target is met is reported, never enforced.
"""
