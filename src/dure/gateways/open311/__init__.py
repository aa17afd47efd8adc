# SPDX-License-Identifier: Apache-2.0
"""Open311 GeoReport v2: other apps report to the complaint desk and see what became of it.

The specification: wiki.open311.org/GeoReport_v2 (frozen); of the CitySDK extensions those that this desk can keep:
``extensions=true``, ``lat``/``long``/``radius``, ``updated_after``, ``detailed_status``, ``just_count``, ``media``,
and ``page``/``page_size``. A topic of the desk is a service, a complaint a request. What goes out holds nothing that
points to a person (:mod:`.requests`).
"""
