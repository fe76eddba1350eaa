using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, SearchModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddMemoryHttpClient()
        .AddSearchModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapSearchEndpoints();
    app.MapSearchCalls();
    return app;
});
