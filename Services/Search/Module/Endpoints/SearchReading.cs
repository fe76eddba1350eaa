using System.Globalization;
using MemoryMesh.Search.Filters;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Reads searches from bodies. What is wrong is noted with its field.</summary>
internal static class SearchReading
{
    /// <summary>A search for messages.</summary>
    public static MessageSearch Read(MessageSearchRequest request, SearchParameters parameters)
    {
        var question = parameters.Query(request.Query);
        return new MessageSearch(
            question,
            parameters.Int("top_k", Text(request.TopK), 1, SearchEndpoints.MaxTopK, SearchEndpoints.DefaultTopK),
            parameters.Text("user_id", request.UserId),
            parameters.Text("conversation_id", request.ConversationId),
            parameters.Id("thread", request.Thread),
            parameters.Names("role", Joined(request.Role), MessageRoleNames.All),
            SearchEndpoints.Period(parameters, request.From, request.To),
            parameters.Fraction("min_importance", Text(request.MinImportance)),
            FilterReader.Read(request.Filter, "filter", parameters.Refuse),
            request.Explain ?? false,
            parameters.Settings(request.Mode, request.Preset, (request.Weights ?? []).Select(pair => (pair.Key, pair.Value)), request.AsOf, request.MinScore),
            parameters.View(
                request.Cursor, question, request.GroupBy, parameters.Int("expand", Text(request.Expand), 0, SearchEndpoints.MaxExpand, 0), request.Highlights ?? false));
    }

    /// <summary>A search for memories.</summary>
    public static MemorySearch Read(MemorySearchRequest request, SearchParameters parameters)
    {
        var question = parameters.Query(request.Query);
        if (NamesMessages(request.Filter, FilterReader.MaxDepth))
        {
            parameters.Refuse("filter", "Memories have user_id, created_at, importance and metadata.");
        }

        return new(
            question,
            parameters.Int("top_k", Text(request.TopK), 1, SearchEndpoints.MaxTopK, SearchEndpoints.DefaultTopK),
            parameters.Text("user_id", request.UserId),
            parameters.Names("scope", Joined(request.Scope), SearchEndpoints.Scopes),
            parameters.List("category", request.Category),
            SearchEndpoints.Period(parameters, request.From, request.To),
            parameters.Fraction("min_importance", Text(request.MinImportance)),
            SearchFilter.Join(
                FilterReader.ReadMetadata(request.Metadata?.Select(condition => condition ?? "").ToArray(), "metadata", parameters.Refuse),
                FilterReader.Read(request.Filter, "filter", parameters.Refuse)),
            request.Explain ?? false,
            parameters.Settings(request.Mode, request.Preset, (request.Weights ?? []).Select(pair => (pair.Key, pair.Value)), request.AsOf, request.MinScore),
            parameters.MemoryTime(request.View, request.AsOf, request.Basis),
            parameters.View(request.Cursor, question, null, 0, request.Highlights ?? false));
    }

    /// <summary>Whether a condition is about what memories do not have. What is nested too deep is refused elsewhere.</summary>
    private static bool NamesMessages(FilterRequest? request, int depth)
        => request is not null && depth > 0
            && (request.Field is "role" or "conversation_id" || NamesMessages(request.Not, depth - 1)
                || (request.And ?? []).Concat(request.Or ?? []).Any(part => NamesMessages(part, depth - 1)));

    private static string? Joined(IReadOnlyList<string?>? names) => names is null ? null : string.Join(',', names);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(double? number) => number?.ToString("F17", CultureInfo.InvariantCulture);
}
