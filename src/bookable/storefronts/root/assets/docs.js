// Starts Swagger UI on the document that the page names.
window.addEventListener("load", () => {
  const place = document.getElementById("swagger-ui");
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    persistAuthorization: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
