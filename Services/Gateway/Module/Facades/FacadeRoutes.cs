using System.Globalization;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades;

/// <summary>Maps facades.</summary>
internal static class FacadeRoutes
{
    /// <summary>
    /// A group of routes that answer as an earlier service did. Bodies are checked by their attributes; what the native routes refuse is answered as they
    /// answer it. A path answers with and without a slash at its end: routing makes no difference.
    /// </summary>
    /// <param name="routes">Where to map.</param>
    /// <param name="prefix">Start of the paths.</param>
    /// <param name="name">Name of the service, which is also the tag.</param>
    /// <param name="fields">Names of native fields with the names they have here, for answers about wrong fields.</param>
    public static RouteGroupBuilder MapFacade(
        this IEndpointRouteBuilder routes, string prefix, string name, params IEnumerable<(string Native, string Here)> fields)
    {
        var names = fields.ToDictionary(field => field.Native, field => field.Here);
        var group = routes.MapGroup(prefix).WithTags(name).WithMetadata(new CompatibleApi(name)).ValidateRequests()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.AddEndpointFilter(async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (MemoryMeshException refusal)
            {
                return ToProblem(refusal, context.HttpContext.Response, names);
            }
        });
        return group;
    }

    private static ProblemHttpResult ToProblem(MemoryMeshException refusal, HttpResponse response, Dictionary<string, string> names)
    {
        if (refusal.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        // An answer of 2xx that cannot be read is a defect of the server, whichever part of it.
        var problem = refusal.Problem;
        if ((int)refusal.StatusCode < 400)
        {
            return GatewayProblems.BadGateway.ToResult();
        }

        var details = problem.Errors is { Count: > 0 } errors
            ? new HttpValidationProblemDetails(errors.ToDictionary(error => NameOf(error.Key, names), error => error.Value.ToArray()))
            : new ProblemDetails();
        details.Status = (int)refusal.StatusCode;
        (details.Type, details.Title, details.Detail) = (problem.Type, problem.Title, problem.Detail);
        foreach (var (name, value) in problem.Extensions ?? new Dictionary<string, System.Text.Json.JsonElement>())
        {
            details.Extensions[name] = value;
        }

        return TypedResults.Problem(details);
    }

    /// <summary>The name of a field here: <c>text</c> may be <c>content</c>, in a list too (<c>messages[3].text</c>).</summary>
    private static string NameOf(string field, Dictionary<string, string> names)
        => string.Join('.', field.Split('.').Select(part =>
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var (name, index) = bracket < 0 ? (part, "") : (part[..bracket], part[bracket..]);
            return names.GetValueOrDefault(name, name) + index;
        }));
}
