// SPDX-License-Identifier: Apache-2.0
// What ai-cache counts.
#pragma once

#include "gate/gate.h"
#include "lookup.h"
#include <mynah/metric.h>

inline mynah::Counter hits("ai_cache_hits");
inline mynah::Counter hits_by_kind[kHitKinds] = {
    mynah::Counter("ai_cache_hits_exact"), mynah::Counter("ai_cache_hits_canonical"),
    mynah::Counter("ai_cache_hits_semantic"), mynah::Counter("ai_cache_hits_joined")};
// What would have been hits, in mode shadow.
inline mynah::Counter shadow_hits("ai_cache_shadow_hits");
// Those that the model would have charged for.
inline mynah::Counter tokens_saved("ai_cache_tokens_saved");
inline mynah::Counter misses("ai_cache_misses");
inline mynah::Counter misses_by_reason[kMisses] = {
    mynah::Counter("ai_cache_misses_bypassed"), mynah::Counter("ai_cache_misses_unmatchable"),
    mynah::Counter("ai_cache_misses_unknown"),  mynah::Counter("ai_cache_misses_refused"),
    mynah::Counter("ai_cache_misses_stale"),    mynah::Counter("ai_cache_misses_lost"),
    mynah::Counter("ai_cache_misses_late"),     mynah::Counter("ai_cache_misses_failed")};
inline mynah::Counter skips("ai_cache_skips");
// Answers of models that failed or are being asked anew, given by the cache after their time.
inline mynah::Counter stale_hits("ai_cache_stale_hits");
inline mynah::Counter kept("ai_cache_kept");
// What hangs on time, place or person and is not kept at all.
inline mynah::Counter volatile_answers("ai_cache_volatile");
inline mynah::Counter indexed("ai_cache_indexed");  // of what is kept, what has a vector
inline mynah::Counter store_errors("ai_cache_store_errors");
inline mynah::Counter embedder_errors("ai_cache_embedder_errors");
inline mynah::Counter index_errors("ai_cache_index_errors");
// Near questions that the gate refused, by its reasons in their order.
inline mynah::Counter refusals[gate::kReasons] = {
    mynah::Counter("ai_cache_refused_none"),       mynah::Counter("ai_cache_refused_payload"),
    mynah::Counter("ai_cache_refused_code"),       mynah::Counter("ai_cache_refused_anaphora"),
    mynah::Counter("ai_cache_refused_number"),     mynah::Counter("ai_cache_refused_date"),
    mynah::Counter("ai_cache_refused_unit"),       mynah::Counter("ai_cache_refused_negation"),
    mynah::Counter("ai_cache_refused_antonym"),    mynah::Counter("ai_cache_refused_comparison"),
    mynah::Counter("ai_cache_refused_quantifier"), mynah::Counter("ai_cache_refused_tense"),
    mynah::Counter("ai_cache_refused_modal"),      mynah::Counter("ai_cache_refused_frame"),
    mynah::Counter("ai_cache_refused_format"),     mynah::Counter("ai_cache_refused_name"),
    mynah::Counter("ai_cache_refused_scope"),      mynah::Counter("ai_cache_refused_order"),
    mynah::Counter("ai_cache_refused_wording")};
