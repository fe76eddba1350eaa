using System.Globalization;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.AppHost.Docs;

/// <summary>docs/problems.md: every kind of error a client can meet.</summary>
internal static class ProblemsPage
{
    public static string Render()
        => new MarkdownPage("Problems")
            .Paragraph(
                "Every error is problem details (RFC 9457, `application/problem+json`): `type`, `title`, `status`, `detail`, for fields that are not allowed `errors`, and "
                + "`trace_id` but on 404. The type is stable: match on it, not on title or detail. What is not there and what is another's are answered alike.")
            .Table(
                ["type", "status", "title", "what to do"],
                Kinds.OrderBy(kind => kind.Status).ThenBy(kind => kind.Slug, StringComparer.Ordinal)
                    .Select(kind => (IReadOnlyList<string?>)[$"`{kind.Type}`", kind.Status.ToString(CultureInfo.InvariantCulture), kind.Title, kind.Detail]))
            .ToString();

    /// <summary>Every kind in a static field of the product.</summary>
    internal static IReadOnlyList<ProblemKind> Kinds => [.. ProductAssemblies.StaticFields<ProblemKind>().Select(owned => owned.Value).Distinct()];
}
