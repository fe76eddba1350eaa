using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, SearchModule.Name);
builder.Services.AddSearchModule();

var app = builder.Build();
app.UseMemoryMeshDefaults();
app.MapSearchEndpoints();
return await app.RunMemoryMeshAsync();
