# SPDX-License-Identifier: Apache-2.0
"""HL7 FHIR R4: Observation, Flag and Task over HTTP, out and in, with "no value" said as such (docs/adr/0014)."""
