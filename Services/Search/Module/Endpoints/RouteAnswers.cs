using System.Reflection;
using System.Text.Json;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Answers other services with what the public routes answer: the handlers themselves run, so that no rule is written twice.</summary>
internal sealed class RouteAnswers(IServiceProvider services)
{
    /// <summary>Chooses full text or all ways together: asked for in any case.</summary>
    private const string Mode = "mode";

    private static readonly string[] NotKnown = ["Is not known."];

    private static readonly Dictionary<string, string> Routes = new(StringComparer.Ordinal)
    {
        [SearchTargets.Messages] = "Search_Messages",
        [SearchTargets.Memories] = "Search_Memories",
    };

    /// <summary>Carries out a search for a principal that was verified elsewhere.</summary>
    /// <exception cref="ArgumentException">The target is not known.</exception>
    public async Task<SearchAnswer> AnswerAsync(SearchQuestion question, CancellationToken cancellationToken)
    {
        if (!Routes.TryGetValue(question.Target, out var name))
        {
            throw new ArgumentException("The target of a search is not known.", nameof(question));
        }

        var endpoint = services.GetRequiredService<EndpointDataSource>().Endpoints
            .First(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == name);
        await using var scope = services.CreateAsyncScope();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellationToken };
        context.SetEndpoint(endpoint);
        context.Request.Method = HttpMethods.Get;
        context.Request.QueryString = QueryString.Create(question.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, (string?)parameter.Value)));
        context.Features.Set(new Caller(question.Principal, question.SessionId));
        context.Response.Body = body;
        if (FindUnknown(endpoint, question) is { Count: > 0 } unknown)
        {
            await Problems.InvalidFields(unknown).ExecuteAsync(context);
        }
        else
        {
            await endpoint.RequestDelegate!(context);
        }

        return new SearchAnswer(context.Response.StatusCode, JsonElement.Parse(body.GetBuffer().AsSpan(0, (int)body.Length)));
    }

    /// <summary>Parameters that the route does not have. In a URL they are passed over; what a program asks for is meant.</summary>
    private static Dictionary<string, string[]> FindUnknown(Endpoint endpoint, SearchQuestion question)
    {
        var known = endpoint.Metadata.GetRequiredMetadata<MethodInfo>().GetParameters()
            .Select(parameter => parameter.GetCustomAttribute<FromQueryAttribute>()?.Name)
            .ToHashSet(StringComparer.Ordinal);
        return question.Parameters.Where(parameter => parameter.Name != Mode && !known.Contains(parameter.Name))
            .DistinctBy(parameter => parameter.Name).ToDictionary(parameter => parameter.Name, _ => NotKnown);
    }
}
